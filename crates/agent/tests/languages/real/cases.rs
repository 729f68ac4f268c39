//! What each server has to do.

use super::{Case, Document};

/// A schema that needs no network.
const SCHEMA: (&str, &str) = (
    "schema.json",
    r#"{
  "type": "object",
  "properties": {
    "$schema": { "type": "string" },
    "port": { "type": "integer", "description": "Where it listens." },
    "mode": { "enum": ["slow", "fast"] }
  },
  "additionalProperties": false
}
"#,
);

pub(super) const BASH: Case = Case {
    language: "bash",
    is_installed: true,
    files: &[(
        "library.sh",
        "# Says farewell.\nfarewell() {\n  echo bye\n}\n",
    )],
    documents: &[
        Document {
            file: "main.sh",
            language: "shellscript",
            text: "#!/bin/bash\nsource ./library.sh\n# Greets somebody.\ngreet() {\n  echo $1\n}\ngreet Ada\ngree\nfare\n",
            problems: &["Double quote to prevent globbing"],
            completions: &[("\ngree|\n", "greet"), ("\nfare|\n", "farewell")],
            hovers: &[
                ("gr|eet Ada", "Greets somebody."),
                ("ec|ho", "standard output"),
            ],
            untidy: "#!/bin/bash\ngreet() {\necho \"$1\"\n}\ngreet   Ada\n",
            tidy: "#!/bin/bash\ngreet() {\n  echo \"$1\"\n}\ngreet Ada\n",
        },
        Document {
            file: "broken.sh",
            language: "shellscript",
            text: "#!/bin/bash\nif true; then\n  echo yes\n",
            problems: &["Couldn't find 'fi' for this 'if'"],
            completions: &[],
            hovers: &[],
            untidy: "#!/bin/bash\nif true; then\necho yes\nfi\n",
            tidy: "#!/bin/bash\nif true; then\n  echo yes\nfi\n",
        },
    ],
};

pub(super) const CPP: Case = Case {
    language: "cpp",
    is_installed: false,
    files: &[
        ("compile_flags.txt", "-DFARTHEST=42\n"),
        (
            "point.h",
            "#pragma once\n/** A place. */\nstruct Point {\n  /** How far to the right. */\n  int across;\n};\n",
        ),
    ],
    documents: &[
        Document {
            file: "main.cpp",
            language: "cpp",
            text: "#include \"point.h\"\n\nint main() {\n  Point here{FARTHEST};\n  here.across = \"text\";\n  return here.acr;\n}\n",
            problems: &[
                "from incompatible type 'const char[5]'",
                "No member named 'acr'",
            ],
            completions: &[("return here.acr|;", "across")],
            hovers: &[
                ("here.acr|oss", "How far to the right."),
                ("Po|int here", "A place."),
            ],
            untidy: "#include \"point.h\"\n\nint main() {\nPoint here{ 1 };\n    return here.across; }\n",
            tidy: "#include \"point.h\"\n\nint main() {\n  Point here{1};\n  return here.across;\n}\n",
        },
        Document {
            file: "main.c",
            language: "c",
            text: "#include \"point.h\"\n\nint main(void) {\n  struct Point here = {1};\n  return here.acr\n}\n",
            problems: &["Expected ';' after return statement"],
            completions: &[("here.acr|", "across")],
            hovers: &[("he|re = ", "struct Point")],
            untidy: "int main(void) {\nreturn   0; }\n",
            tidy: "int main(void) { return 0; }\n",
        },
    ],
};

pub(super) const CSS: Case = Case {
    language: "css",
    is_installed: true,
    files: &[],
    documents: &[
        Document {
            file: "main.css",
            language: "css",
            text: "a {\n  colr: red;\n  color: ;\n  disp\n}\n",
            problems: &["Unknown property: 'colr'", "property value expected"],
            completions: &[("disp|", "display")],
            hovers: &[("col|or", "Sets the color of an element's text")],
            untidy: "a{color:red}\n",
            tidy: "a {\n  color: red\n}\n",
        },
        Document {
            file: "main.scss",
            language: "scss",
            text: "$accent: teal;\n\na {\n  b {\n    colr: red;\n    color: ;\n  }\n}\n",
            problems: &["Unknown property: 'colr'"],
            completions: &[("color: |;", "$accent")],
            hovers: &[("  |b {", "Specificity")],
            untidy: "$accent: teal;\na{b{color:$accent}}\n",
            tidy: "$accent: teal;\n\na {\n  b {\n    color: $accent\n  }\n}\n",
        },
        Document {
            file: "main.less",
            language: "less",
            text: "@accent: teal;\n\na {\n  colr: red;\n  color: ;\n}\n",
            problems: &["Unknown property: 'colr'"],
            completions: &[("color: |;", "@accent")],
            hovers: &[("|a {", "Specificity")],
            untidy: "@accent: teal;\na{color:@accent}\n",
            tidy: "@accent: teal;\n\na {\n  color: @accent\n}\n",
        },
    ],
};

pub(super) const GO: Case = Case {
    language: "go",
    is_installed: false,
    files: &[(
        "greet.go",
        "package main\n\n// Greets somebody.\nfunc greet(name string) string { return name }\n",
    )],
    documents: &[
        Document {
            file: "go.mod",
            language: "go.mod",
            text: "module example.com/hello\n\ngo 1.18\n\nneeds example.com/other v1.0.0\n",
            problems: &["unknown directive: needs"],
            completions: &[],
            hovers: &[],
            untidy: "module   example.com/hello\n\ngo 1.18\n",
            tidy: "module example.com/hello\n\ngo 1.18\n",
        },
        Document {
            file: "main.go",
            language: "go",
            text: "package main\n\nimport \"fmt\"\n\nfunc main() {\n\tvar number int = greet(\"Ada\")\n\tfmt.Println(number)\n\tfmt.Prin\n}\n",
            problems: &["(value of type string) as int value", "Prin"],
            completions: &[("fmt.Prin|\n", "Println")],
            hovers: &[
                ("gre|et", "Greets somebody."),
                ("Print|ln", "writes to standard output"),
            ],
            untidy: "package main\n\nimport \"fmt\"\n\nfunc main() {\nfmt.Println( greet(\"Ada\") )\n}\n",
            tidy: "package main\n\nimport \"fmt\"\n\nfunc main() {\n\tfmt.Println(greet(\"Ada\"))\n}\n",
        },
    ],
};

pub(super) const HTML: Case = Case {
    language: "html",
    is_installed: true,
    files: &[],
    documents: &[Document {
        file: "index.html",
        language: "html",
        text: r#"<!doctype html>
<html lang="en">
<style>
  a { colr: red; disp }
</style>
<script>
  const wrong = ;
  document.query;
  "text".toUpper;
</script>
<body>
  <p cla>Text</p>
</body>
</html>
"#,
        problems: &["Unknown property: 'colr'", "Expression expected."],
        completions: &[
            ("<p cla|>", "class"),
            ("disp| }", "display"),
            ("document.query|;", "querySelector"),
            (".toUpper|;", "toUpperCase"),
        ],
        hovers: &[
            ("<|p cla>", "represents a paragraph"),
            ("|document.query", "var document: Document"),
        ],
        untidy: "<!doctype html>\n<html lang=\"en\">\n<body><p>Text</p><script>const a=1;</script></body></html>\n",
        tidy: "<!doctype html>\n<html lang=\"en\">\n\n<body>\n  <p>Text</p>\n  <script>const a = 1;</script>\n</body>\n\n</html>\n",
    }],
};

pub(super) const JSON: Case = Case {
    language: "json",
    is_installed: true,
    files: &[SCHEMA],
    documents: &[
        Document {
            file: "main.json",
            language: "json",
            text: "{\n  \"$schema\": \"./schema.json\",\n  \"port\": \"high\",\n  \"mode\": \"\",\n  \"other\": 1,,\n  // Why.\n}\n",
            problems: &[
                "Incorrect type. Expected \"integer\".",
                "Property expected",
                "Property other is not allowed.",
                "Comments are not permitted in JSON.",
            ],
            completions: &[("\"mode\": \"|\"", "\"slow\"")],
            hovers: &[("\"po|rt\"", "Where it listens")],
            untidy: "{\"$schema\":\"./schema.json\",\"port\":80}\n",
            tidy: "{\n  \"$schema\": \"./schema.json\",\n  \"port\": 80\n}\n",
        },
        Document {
            file: "main.jsonc",
            language: "jsonc",
            text: "{\n  // Why.\n  \"$schema\": \"./schema.json\",\n  \"port\": \"high\",\n  \"mode\": \"\"\n}\n",
            problems: &["Incorrect type. Expected \"integer\"."],
            completions: &[("\"mode\": \"|\"", "\"slow\"")],
            hovers: &[("\"po|rt\"", "Where it listens")],
            untidy: "{ // Why.\n\"port\":80}\n",
            tidy: "{ // Why.\n  \"port\": 80\n}\n",
        },
    ],
};

pub(super) const YAML: Case = Case {
    language: "yaml",
    is_installed: true,
    files: &[SCHEMA],
    documents: &[
        Document {
            file: "main.yaml",
            language: "yaml",
            text: "# yaml-language-server: $schema=./schema.json\nport: high\nmode: slow\nother: 1\n",
            problems: &[
                "Incorrect type. Expected \"integer\".",
                "Property other is not allowed.",
            ],
            completions: &[("mode: |slow", "fast")],
            hovers: &[("po|rt", "Where it listens")],
            untidy: "# yaml-language-server: $schema=./schema.json\nport:   80\nmode: fast\n",
            tidy: "# yaml-language-server: $schema=./schema.json\nport: 80\nmode: fast\n",
        },
        Document {
            file: "broken.yaml",
            language: "yaml",
            text: "list: [1, 2\nother: 3\n",
            problems: &[
                "Flow sequence in block collection must be sufficiently indented and end with a ]",
            ],
            completions: &[],
            hovers: &[],
            untidy: "list: [1,   2]\n",
            tidy: "list: [1, 2]\n",
        },
    ],
};

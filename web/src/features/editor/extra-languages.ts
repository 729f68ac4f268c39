/**
 * Languages that Monaco lacks, by a table: enough to tell comments, strings, numbers and keywords
 * apart. What needs more than that has a grammar of its own below.
 */
import type { languages } from "monaco-editor";

interface SimpleLanguage {
  id: string;
  /** Endings, and whole names without a dot in front of an ending. */
  extensions?: string[];
  filenames?: string[];
  /** What begins a comment that ends with its line. */
  comment?: string;
  block?: [open: string, close: string];
  /** Characters that strings stand between. */
  quotes?: string;
  keywords?: string;
  ignoreCase?: boolean;
}

const C_BLOCK: [string, string] = ["/*", "*/"];

const TABLE: SimpleLanguage[] = [
  {
    id: "ada",
    extensions: [".adb", ".ads"],
    comment: "--",
    quotes: '"',
    ignoreCase: true,
    keywords:
      "abort accept access all and array begin body case constant declare delay else elsif end entry exception exit for function generic goto if in is limited loop mod new not null of or others out package pragma private procedure protected raise range record rem renames return reverse select separate subtype task terminate then type until use when while with xor",
  },
  {
    id: "awk",
    extensions: [".awk"],
    comment: "#",
    quotes: '"',
    keywords:
      "BEGIN END break continue delete do else exit for function getline if in next nextfile print printf return while",
  },
  {
    id: "cmake",
    extensions: [".cmake"],
    filenames: ["CMakeLists.txt"],
    comment: "#",
    quotes: '"',
    ignoreCase: true,
    keywords:
      "add_executable add_library add_subdirectory cmake_minimum_required else elseif endforeach endfunction endif endmacro endwhile find_package foreach function if include install macro message option project set target_include_directories target_link_libraries while",
  },
  {
    id: "crystal",
    extensions: [".cr"],
    comment: "#",
    quotes: '"',
    keywords:
      "abstract alias as begin break case class def do else elsif end ensure enum extend false for fun if in include lib macro module next nil of private protected require rescue return self struct super then true type unless until when while with yield",
  },
  {
    id: "d",
    extensions: [".d"],
    comment: "//",
    block: C_BLOCK,
    quotes: "\"'`",
    keywords:
      "abstract alias assert auto bool break case cast catch class const continue default delegate do double else enum export extern false final finally float for foreach function goto if immutable import in inout int interface invariant is lazy long mixin module new null out override private protected public pure ref return scope shared short static string struct super switch template this throw true try typeof uint ulong union version void while with",
  },
  {
    id: "elm",
    extensions: [".elm"],
    comment: "--",
    block: ["{-", "-}"],
    quotes: '"',
    keywords: "alias as case else exposing if import in infix let module of port then type where",
  },
  {
    id: "erlang",
    extensions: [".erl", ".hrl"],
    comment: "%",
    quotes: "\"'",
    keywords:
      "after and andalso band begin bnot bor bsl bsr bxor case catch cond div end fun if let not of or orelse receive rem try when xor",
  },
  {
    id: "fortran",
    extensions: [".f90", ".f95", ".f03", ".f"],
    comment: "!",
    quotes: "\"'",
    ignoreCase: true,
    keywords:
      "allocatable allocate call case character complex contains cycle deallocate dimension do else elseif end enddo endif exit function if implicit in inout integer intent interface logical module none only out parameter print procedure program pure read real recursive result return select stop subroutine then type use where while write",
  },
  {
    id: "gdscript",
    extensions: [".gd"],
    comment: "#",
    quotes: "\"'",
    keywords:
      "and as await break class class_name const continue elif else enum extends false for func if in is match not null or pass return self signal static super true var void while",
  },
  {
    id: "gleam",
    extensions: [".gleam"],
    comment: "//",
    quotes: '"',
    keywords: "as assert case const external fn if import let opaque panic pub todo type use",
  },
  {
    id: "go.mod",
    filenames: ["go.mod"],
    comment: "//",
    quotes: '"`',
    keywords: "exclude go godebug ignore module replace require retract tool toolchain",
  },
  {
    id: "go.work",
    filenames: ["go.work"],
    comment: "//",
    quotes: '"`',
    keywords: "go godebug replace toolchain use",
  },
  {
    id: "groovy",
    extensions: [".groovy", ".gradle"],
    filenames: ["Jenkinsfile"],
    comment: "//",
    block: C_BLOCK,
    quotes: "\"'",
    keywords:
      "abstract as assert boolean break case catch class continue def default do double else enum extends false final finally float for if implements import in instanceof int interface long new null package private protected public return short static super switch this throw throws trait true try void while",
  },
  {
    id: "haskell",
    extensions: [".hs", ".lhs"],
    comment: "--",
    block: ["{-", "-}"],
    quotes: '"',
    keywords:
      "case class data default deriving do else family forall foreign if import in infix infixl infixr instance let module newtype of qualified then type where",
  },
  {
    id: "makefile",
    extensions: [".mk", ".mak"],
    filenames: ["Makefile", "GNUmakefile", "justfile"],
    comment: "#",
    quotes: "\"'",
    keywords: "define else endef endif export ifdef ifeq ifndef ifneq include override unexport",
  },
  {
    id: "nginx",
    extensions: [".nginx"],
    filenames: ["nginx.conf"],
    comment: "#",
    quotes: "\"'",
    keywords:
      "access_log error_log events http include index listen location proxy_pass proxy_set_header return rewrite root server server_name ssl_certificate ssl_certificate_key try_files upstream worker_connections worker_processes",
  },
  {
    id: "nim",
    extensions: [".nim", ".nims"],
    comment: "#",
    quotes: '"',
    keywords:
      "and as asm bind block break case cast concept const continue converter defer discard distinct div do elif else end enum except export finally for from func if import in include interface is isnot iterator let macro method mixin mod nil not notin object of or out proc ptr raise ref return shl shr static template try tuple type using var when while xor yield",
  },
  {
    id: "nix",
    extensions: [".nix"],
    comment: "#",
    block: C_BLOCK,
    quotes: '"',
    keywords: "assert else false if import in inherit let null or rec then true with",
  },
  {
    id: "ocaml",
    extensions: [".ml", ".mli"],
    block: ["(*", "*)"],
    quotes: '"',
    keywords:
      "and as assert begin class constraint do done downto else end exception external false for fun function functor if in include inherit initializer lazy let match method module mutable new nonrec object of open or private rec sig struct then to true try type val virtual when while with",
  },
  {
    id: "prisma",
    extensions: [".prisma"],
    comment: "//",
    quotes: '"',
    keywords:
      "BigInt Boolean Bytes DateTime Decimal Float Int Json String datasource enum generator model type view",
  },
  {
    id: "properties",
    extensions: [".env", ".service", ".timer", ".socket", ".desktop", ".conf"],
    filenames: [".env", ".env.local", ".env.example", ".npmrc", ".gitmodules"],
    comment: "#",
    quotes: "\"'",
    keywords: "export false true",
  },
  {
    id: "ignore",
    extensions: [".gitignore", ".dockerignore", ".npmignore"],
    filenames: [".gitignore", ".dockerignore", ".npmignore", ".prettierignore", ".ignore"],
    comment: "#",
  },
  {
    id: "vim",
    extensions: [".vim"],
    filenames: [".vimrc"],
    comment: '"',
    quotes: "'",
    keywords:
      "augroup autocmd call command echo else elseif endfor endfunction endif endtry endwhile execute for function if let map nmap nnoremap noremap return set silent source syntax try unlet vmap while",
  },
  {
    id: "zig",
    extensions: [".zig", ".zon"],
    comment: "//",
    quotes: "\"'",
    keywords:
      "align allowzero and anyframe anytype asm async await break callconv catch comptime const continue defer else enum errdefer error export extern false fn for if inline noalias noinline null opaque or orelse packed pub resume return struct suspend switch test threadlocal true try undefined union unreachable usingnamespace var volatile while",
  },
  {
    id: "assembly",
    extensions: [".asm", ".s"],
    comment: ";",
    quotes: "\"'",
    ignoreCase: true,
    keywords:
      "add and bits call cmp db dd dec div dq dw equ extern global imul inc int je jg jl jmp jne jnz jz lea mov movzx mul neg nop not or pop push ret section shl shr sub syscall test xor",
  },
  {
    id: "protobuf-text",
    extensions: [".textproto", ".pbtxt"],
    comment: "#",
    quotes: "\"'",
    keywords: "false true",
  },
];

const TOML: languages.IMonarchLanguage = {
  tokenizer: {
    root: [
      [/^\s*\[\[?/, "delimiter.square", "@header"],
      [/^\s*[\w.\-"']+(?=\s*=)/, "attribute.name"],
      { include: "@value" },
    ],
    header: [
      [/\]\]?/, "delimiter.square", "@pop"],
      [/[^\]#]+/, "type"],
      [/#.*$/, "comment", "@pop"],
    ],
    value: [
      [/#.*$/, "comment"],
      [/"""/, "string", '@multiline."""'],
      [/'''/, "string", "@multiline.'''"],
      [/"(?:[^"\\]|\\.)*"?/, "string"],
      [/'[^']*'?/, "string"],
      [/\b(?:true|false)\b/, "keyword"],
      [/\d{4}-\d\d-\d\d(?:[T ][\d:.]+(?:Z|[+-]\d\d:\d\d)?)?/, "number"],
      [
        /[+-]?(?:0x[\da-f_]+|0o[0-7_]+|0b[01_]+|\d[\d_]*(?:\.[\d_]+)?(?:e[+-]?\d+)?|inf|nan)\b/i,
        "number",
      ],
      [/[{}[\](),=]/, "delimiter"],
      [/[\w-]+(?=\s*=)/, "attribute.name"],
    ],
    multiline: [
      [/\\./, "string.escape"],
      [
        /"""|'''/,
        { cases: { "$#==$S2": { token: "string", next: "@pop" }, "@default": "string" } },
      ],
      [/[^\\"']+|["']/, "string"],
    ],
  },
};

const DIFF: languages.IMonarchLanguage = {
  tokenizer: {
    root: [
      [/^(?:diff|index|---|\+\+\+|From|Subject|Date).*$/, "comment"],
      [/^@@.*$/, "keyword"],
      [/^\+.*$/, "string"],
      [/^-.*$/, "invalid"],
    ],
  },
};

const LATEX: languages.IMonarchLanguage = {
  tokenizer: {
    root: [
      [/%.*$/, "comment"],
      [/\\(?:[a-zA-Z@]+\*?|.)/, "keyword"],
      [/\$\$?[^$]*\$\$?/, "string"],
      [/[{}[\]]/, "delimiter"],
    ],
  },
};

const literal = (text: string) => text.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");

/** The grammar of a line of the table. */
export function simpleGrammar(language: SimpleLanguage): languages.IMonarchLanguage {
  const rules: languages.IMonarchLanguageRule[] = [];
  const tokenizer: Record<string, languages.IMonarchLanguageRule[]> = { root: rules };
  if (language.block) {
    const [open, close] = language.block.map(literal);
    rules.push([new RegExp(open ?? ""), "comment", "@block"]);
    tokenizer.block = [
      [new RegExp(close ?? ""), "comment", "@pop"],
      [/./, "comment"],
    ];
  }
  if (language.comment) rules.push([new RegExp(`${literal(language.comment)}.*$`), "comment"]);
  for (const quote of language.quotes ?? "") {
    rules.push([new RegExp(`${quote}(?:[^${quote}\\\\]|\\\\.)*${quote}?`), "string"]);
  }
  rules.push(
    [/\b(?:0[xX][\da-fA-F_]+|\d[\d_]*(?:\.\d[\d_]*)?(?:[eE][+-]?\d+)?)\b/, "number"],
    [/[a-zA-Z_]\w*/, { cases: { "@keywords": "keyword", "@default": "identifier" } }],
    [/[{}()[\]]/, "delimiter"],
  );
  const keywords = (language.keywords ?? "").split(" ").filter(Boolean);
  return { keywords, ignoreCase: language.ignoreCase ?? false, tokenizer };
}

/** Adds them to Monaco. */
export function registerExtraLanguages(to: typeof languages): void {
  const add = (
    description: languages.ILanguageExtensionPoint,
    grammar: languages.IMonarchLanguage,
    configuration: languages.LanguageConfiguration,
  ) => {
    to.register(description);
    to.setMonarchTokensProvider(description.id, grammar);
    to.setLanguageConfiguration(description.id, {
      brackets: [
        ["{", "}"],
        ["[", "]"],
        ["(", ")"],
      ],
      ...configuration,
    });
  };
  for (const language of TABLE) {
    const { id, extensions = [], filenames = [] } = language;
    const comments = {
      ...(language.comment === undefined ? {} : { lineComment: language.comment }),
      ...(language.block === undefined ? {} : { blockComment: language.block }),
    };
    add({ id, extensions, filenames }, simpleGrammar(language), { comments });
  }
  add({ id: "toml", extensions: [".toml"], filenames: ["Cargo.lock", "Pipfile"] }, TOML, {
    comments: { lineComment: "#" },
  });
  add({ id: "diff", extensions: [".diff", ".patch"] }, DIFF, {});
  add({ id: "latex", extensions: [".tex", ".sty", ".bib"] }, LATEX, {
    comments: { lineComment: "%" },
  });
  // Close enough to a language that is there.
  to.register({ id: "html", extensions: [".vue", ".svelte", ".astro"] });
  to.register({ id: "json", extensions: [".jsonc", ".json5", ".webmanifest"] });
  to.register({ id: "objective-c", extensions: [".mm"] });
  to.register({ id: "shell", extensions: [".zsh", ".fish", ".bashrc", ".profile"] });
}

//! The servers that are known: how they are called, found, installed and set up.

use std::path::Path;

use atelier_api::agent::languages::KnownLanguage;
use serde_json::{Value, json};

/// A language, or a family of them, and its servers.
#[derive(Debug)]
pub(super) struct Known {
    pub(super) language: &'static str,
    pub(super) title: &'static str,
    /// The LSP language identifiers of its documents.
    pub(super) documents: &'static [&'static str],
    /// Files and directories that a project of it has.
    pub(super) markers: &'static [&'static str],
    /// Whether the outermost project counts, which holds the inner ones, or the nearest.
    pub(super) outermost: bool,
    /// The best first.
    pub(super) programs: &'static [Program],
    /// How one can be installed; the first that the workspace has the tools for.
    pub(super) installs: &'static [Install],
    /// What to do where none can be installed.
    pub(super) advice: &'static str,
}

/// A program that is a language server.
#[derive(Debug)]
pub(super) struct Program {
    pub(super) name: &'static str,
    pub(super) arguments: &'static [&'static str],
    pub(super) needs: Needs,
}

/// What a program must have beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Needs {
    Nothing,
    /// `tsserver.js` of a TypeScript before 7.
    TypeScriptLibrary,
    /// The `typescript` that it belongs to is 7 or later, which is a language server itself.
    TypeScript7,
}

/// How a server is installed.
#[derive(Debug)]
pub(super) enum Install {
    /// Packages of npm, with their versions.
    Npm(&'static [&'static str]),
    /// Packages of pip, with their versions.
    Pip(&'static [&'static str]),
    /// A program in Go, with its version.
    Go(&'static str),
    /// Components of the workspace's own Rust toolchain, whose version they have.
    Rustup(&'static [&'static str]),
}

impl Install {
    /// The program that it takes.
    pub(super) fn tool(&self) -> &'static str {
        match self {
            Self::Npm(_) => "npm",
            Self::Pip(_) => "python3",
            Self::Go(_) => "go",
            Self::Rustup(_) => "rustup",
        }
    }

    /// What is installed, for people, and to know whether it is still what is wanted.
    pub(super) fn packages(&self) -> String {
        match self {
            Self::Npm(packages) | Self::Pip(packages) | Self::Rustup(packages) => {
                packages.join(", ")
            }
            Self::Go(package) => (*package).to_owned(),
        }
    }
}

const fn program(name: &'static str, arguments: &'static [&'static str]) -> Program {
    Program {
        name,
        arguments,
        needs: Needs::Nothing,
    }
}

const STDIO: &[&str] = &["--stdio"];

const WEB_SERVERS: &[Install] = &[Install::Npm(&["vscode-langservers-extracted@4.10.0"])];

const NEEDS_NPM: &str =
    "Node.js with npm is needed to install it: have them installed on the server, then try again.";

/// Every language, in the order in which they are shown.
pub(super) const ALL: &[Known] = &[
    Known {
        language: "typescript",
        title: "TypeScript",
        documents: &[
            "typescript",
            "typescriptreact",
            "javascript",
            "javascriptreact",
        ],
        markers: &["tsconfig.json", "jsconfig.json", "package.json"],
        outermost: false,
        programs: &[
            Program {
                name: "tsc",
                arguments: &["--lsp", "--stdio"],
                needs: Needs::TypeScript7,
            },
            Program {
                name: "typescript-language-server",
                arguments: STDIO,
                needs: Needs::TypeScriptLibrary,
            },
        ],
        // The last of each that run on Node.js 20.
        installs: &[Install::Npm(&[
            "typescript-language-server@5.3.0",
            "typescript@5.9.3",
        ])],
        advice: NEEDS_NPM,
    },
    Known {
        language: "python",
        title: "Python",
        documents: &["python"],
        markers: &[
            "pyproject.toml",
            "pyrightconfig.json",
            "setup.py",
            "setup.cfg",
            "requirements.txt",
            "Pipfile",
        ],
        outermost: false,
        programs: &[
            program("pyright-langserver", STDIO),
            program("basedpyright-langserver", STDIO),
            program("pylsp", &[]),
        ],
        installs: &[
            Install::Npm(&["pyright@1.1.414"]),
            Install::Pip(&["basedpyright==1.40.2"]),
        ],
        advice: "Node.js with npm, or Python with venv, is needed to install it: have one of them installed \
                 on the server, then try again.",
    },
    Known {
        language: "rust",
        title: "Rust",
        documents: &["rust"],
        markers: &["Cargo.toml", "rust-project.json"],
        outermost: true,
        programs: &[program("rust-analyzer", &[])],
        // Without the source of the standard library it knows nothing of that.
        installs: &[Install::Rustup(&["rust-analyzer", "rust-src"])],
        advice: "The workspace uses the server's Rust, to which nothing can be added from here: have \
                 rust-analyzer installed on the server (`rustup component add rust-analyzer rust-src`), install rustup in the \
                 workspace, or put the program into its ~/.local/bin.",
    },
    Known {
        language: "go",
        title: "Go",
        documents: &["go", "go.mod", "go.work"],
        markers: &["go.work", "go.mod"],
        outermost: true,
        programs: &[program("gopls", &[])],
        installs: &[Install::Go("golang.org/x/tools/gopls@v0.20.0")],
        advice: "Go is needed to install it: have it installed on the server, then try again.",
    },
    Known {
        language: "cpp",
        title: "C and C++",
        documents: &["c", "cpp", "objective-c", "objective-cpp"],
        markers: &[
            "compile_commands.json",
            "compile_flags.txt",
            ".clangd",
            "CMakeLists.txt",
        ],
        outermost: true,
        programs: &[program("clangd", &["--log=error"])],
        installs: &[],
        advice: "Have clangd installed on the server (on Debian and Ubuntu: `apt install clangd`).",
    },
    Known {
        language: "bash",
        title: "Bash",
        documents: &["shellscript"],
        markers: &[],
        outermost: false,
        programs: &[program("bash-language-server", &["start"])],
        installs: &[Install::Npm(&["bash-language-server@5.8.1"])],
        advice: NEEDS_NPM,
    },
    Known {
        language: "json",
        title: "JSON",
        documents: &["json", "jsonc"],
        markers: &[],
        outermost: false,
        programs: &[program("vscode-json-language-server", STDIO)],
        installs: WEB_SERVERS,
        advice: NEEDS_NPM,
    },
    Known {
        language: "html",
        title: "HTML",
        documents: &["html"],
        markers: &[],
        outermost: false,
        programs: &[program("vscode-html-language-server", STDIO)],
        installs: WEB_SERVERS,
        advice: NEEDS_NPM,
    },
    Known {
        language: "css",
        title: "CSS",
        documents: &["css", "scss", "less"],
        markers: &[],
        outermost: false,
        programs: &[program("vscode-css-language-server", STDIO)],
        installs: WEB_SERVERS,
        advice: NEEDS_NPM,
    },
    Known {
        language: "yaml",
        title: "YAML",
        documents: &["yaml"],
        markers: &[],
        outermost: false,
        programs: &[program("yaml-language-server", STDIO)],
        installs: &[Install::Npm(&["yaml-language-server@1.25.0"])],
        advice: NEEDS_NPM,
    },
];

/// The language of that name.
pub(super) fn find(language: &str) -> Option<&'static Known> {
    ALL.iter().find(|known| known.language == language)
}

impl Known {
    pub(super) fn view(&self) -> KnownLanguage {
        KnownLanguage {
            language: self.language.to_owned(),
            title: self.title.to_owned(),
            documents: self.documents.iter().map(|id| (*id).to_owned()).collect(),
        }
    }

    /// The server's options of its start. `library` is the directory of `tsserver.js`.
    pub(super) fn options(&self, library: Option<&Path>) -> Value {
        match self.language {
            "typescript" => {
                let mut options = json!({
                    "hostInfo": "Atelier",
                    "preferences": {
                        "includeCompletionsForModuleExports": true,
                        "includeCompletionsWithInsertText": true,
                        "includeInlayParameterNameHints": "literals",
                        "includeInlayFunctionParameterTypeHints": true,
                        "includeInlayEnumMemberValueHints": true,
                    },
                    "disableAutomaticTypingAcquisition": true,
                });
                if let Some(library) = library {
                    options["tsserver"] = json!({ "path": library });
                }
                options
            }
            "json" | "css" | "html" => json!({ "provideFormatter": true }),
            _ => json!({}),
        }
    }

    /// What the server is answered when it asks for its settings.
    pub(super) fn settings(&self) -> Value {
        match self.language {
            "python" => json!({
                "python": { "analysis": {
                    "autoImportCompletions": true,
                    "autoSearchPaths": true,
                    "useLibraryCodeForTypes": true,
                    "diagnosticMode": "openFilesOnly",
                } },
            }),
            "json" => {
                json!({ "json": { "validate": { "enable": true }, "format": { "enable": true } } })
            }
            "css" => json!({
                "css": { "validate": true }, "scss": { "validate": true }, "less": { "validate": true },
            }),
            // Without those of its styles and scripts it finds nothing in a page, and says so in its log only.
            "html" => json!({
                "html": { "validate": { "scripts": true, "styles": true }, "format": { "enable": true } },
                "css": { "validate": true, "lint": {} },
                "javascript": { "validate": { "enable": true } },
                "js/ts": { "implicitProjectConfig": {} },
            }),
            // Unless it is told otherwise, it takes schemas from whoever answers.
            "yaml" => json!({
                "yaml": { "validate": true, "hover": true, "completion": true },
                "http": { "proxyStrictSSL": true },
            }),
            "go" => json!({ "gopls": { "semanticTokens": true } }),
            _ => json!({}),
        }
    }
}

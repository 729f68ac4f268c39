/** Languages as Monaco names them, and as the protocol does (LSP 3.17, “TextDocumentItem”). */

/** Endings of what may have a language server: the client is loaded with the first such file. */
const SERVED =
  /\.(?:[cm]?[jt]sx?|pyi?|rs|go|mod|work|c|cc|cpp|cxx|h|hh|hpp|hxx|m|mm|sh|bash|jsonc?|html?|css|scss|less|ya?ml)$/i;

export function mayBeServed(path: string): boolean {
  return SERVED.test(path);
}

/** JSON whose readers take comments: by its ending, or by the program that reads it. */
const WITH_COMMENTS =
  /\.(?:jsonc|eslintrc|babelrc|jshintrc|jscsrc)$|(?:^|\/)(?:(?:tsconfig|jsconfig)(?:[.-][^/]+)?|\.?devcontainer|\.eslintrc|\.babelrc|typedoc)\.json$|(?:^|\/)\.(?:vscode|devcontainer)\/[^/]+\.json$/i;

/** What Monaco takes for one language and the protocol for several: servers of the one would find mistakes in the others. */
const FINER: Readonly<Record<string, readonly (readonly [path: RegExp, language: string])[]>> = {
  typescript: [[/\.tsx$/i, "typescriptreact"]],
  javascript: [[/\.jsx$/i, "javascriptreact"]],
  "objective-c": [[/\.mm$/i, "objective-cpp"]],
  json: [
    [/\.json5$/i, "json5"],
    [WITH_COMMENTS, "jsonc"],
  ],
  html: [
    [/\.vue$/i, "vue"],
    [/\.svelte$/i, "svelte"],
    [/\.astro$/i, "astro"],
  ],
  shell: [
    [/\.zsh$/i, "zsh"],
    [/\.fish$/i, "fish"],
    [/(?:)/, "shellscript"],
  ],
};

/** The protocol's name of a file's language. */
export function lspLanguage(monacoId: string, path: string): string {
  return FINER[monacoId]?.find(([name]) => name.test(path))?.[1] ?? monacoId;
}

/** Monaco's name of a language. */
export function monacoLanguage(lspId: string): string {
  const named = Object.entries(FINER).find(([, finer]) => finer.some(([, id]) => id === lspId));
  return named?.[0] ?? lspId;
}

/** Languages as Monaco names them, and as the protocol does (LSP 3.17, “TextDocumentItem”). */

/** Endings of what may have a language server: the client is loaded with the first such file. */
const SERVED =
  /\.(?:[cm]?[jt]sx?|pyi?|rs|go|mod|c|cc|cpp|cxx|h|hh|hpp|hxx|m|mm|sh|bash|json[c5]?|html?|css|scss|less|ya?ml)$/i;

export function mayBeServed(path: string): boolean {
  return SERVED.test(path);
}

/** The protocol's name of a file's language. */
export function lspLanguage(monacoId: string, path: string): string {
  if (monacoId === "typescript" && path.endsWith(".tsx")) return "typescriptreact";
  if (monacoId === "javascript" && path.endsWith(".jsx")) return "javascriptreact";
  if (monacoId === "shell") return "shellscript";
  return monacoId;
}

/** Monaco's name of a language. */
export function monacoLanguage(lspId: string): string {
  if (lspId === "typescriptreact") return "typescript";
  if (lspId === "javascriptreact") return "javascript";
  if (lspId === "shellscript") return "shell";
  return lspId;
}

/** The one-time token of the link that the server printed: in the fragment, or in the query. */
export function setupToken(hash: string, search: string): string {
  const fragment = new URLSearchParams(hash.replace(/^#/, ""));
  return fragment.get("token") ?? new URLSearchParams(search).get("token") ?? "";
}

/** Whether credentials for a host may be stored: over https, and over http only for this machine itself. */
export function isStorable(protocol: string, host: string): boolean {
  if (protocol !== "http") return protocol === "https";
  const name = host.replace(/:\d+$/, "").toLowerCase();
  return (
    name === "localhost" ||
    name.endsWith(".localhost") ||
    name === "[::1]" ||
    /^127(\.\d{1,3}){3}$/.test(name)
  );
}

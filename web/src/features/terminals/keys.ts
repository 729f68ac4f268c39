/** The control character of a letter or sign (`c` is 0x03), as a terminal's Control key makes it. */
export function controlCharacter(key: string): string | undefined {
  if (key === " ") return "\0";
  if (!/^[a-z@[\\\]^_]$/i.test(key)) return undefined;
  return String.fromCharCode(key.toUpperCase().charCodeAt(0) & 0x1f);
}

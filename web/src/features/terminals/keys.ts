/** The control character of a letter or sign (`c` is 0x03), as a terminal's Control key makes it. */
export function controlCharacter(key: string): string | undefined {
  if (key === " ") return "\0";
  if (!/^[a-z@[\\\]^_]$/i.test(key)) return undefined;
  return String.fromCharCode(key.toUpperCase().charCodeAt(0) & 0x1f);
}

/** Keys that are held for the next one, as phones have no such keys. */
export class ArmedKeys {
  control = false;
  alt = false;
  onChange: () => void = () => {};

  toggle(key: "control" | "alt"): void {
    this[key] = !this[key];
    this.onChange();
  }

  /** What a key comes to while others are held; they are let go then. */
  apply(data: string): string {
    if (!this.control && !this.alt) return data;
    const inner = this.control ? (controlCharacter(data) ?? data) : data;
    const text = this.alt ? `\x1b${inner}` : inner;
    this.control = false;
    this.alt = false;
    this.onChange();
    return text;
  }
}

/** Names as they are shown: no character of a name may rearrange or break what stands around it. Pure. */

/** Characters that turn the direction of text, and those that end lines or show nothing. */
const INVISIBLE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  /[\u0000-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]/g;

/** A name with what cannot be seen written out: `a‹U+202E›txt.exe`. */
export function visibleName(name: string): string {
  return name.replace(INVISIBLE, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return `‹U+${code.toString(16).toUpperCase().padStart(4, "0")}›`;
  });
}

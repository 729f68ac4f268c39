/** What is searched for among bytes. Pure. */

/** Bytes as hex digits in pairs ("ca fe", "0xcafe"), or the text itself. */
export function needleOf(text: string): { bytes: Uint8Array; text: boolean } {
  const digits = text.trim().replace(/^0x/i, "").replace(/\s+/g, "");
  const isHex = /^(?:0x)?(?:[\da-f]{2}\s*)+$/i.test(text.trim());
  if (!isHex) return { bytes: new TextEncoder().encode(text), text: true };
  const pairs = digits.match(/../g) ?? [];
  return { bytes: Uint8Array.from(pairs.map((pair) => Number.parseInt(pair, 16))), text: false };
}

/** A text as people search for it: without case, and without marks that they do not type (accents, Arabic vowels). */
export function fold(text: string): string {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
}

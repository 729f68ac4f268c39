/** Permission bits as people write them. Pure. */

/** `420` → `644`. */
export function octal(mode: number): string {
  return (mode & 0o777).toString(8).padStart(3, "0");
}

/** `420` → `rw-r--r--`. */
export function letters(mode: number): string {
  return [..."rwxrwxrwx"].map((letter, at) => (mode & (1 << (8 - at)) ? letter : "-")).join("");
}

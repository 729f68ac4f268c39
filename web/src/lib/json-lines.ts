/** Cuts a stream of bytes into lines of JSON; what comes after the last line end waits for more. */
export class JsonLines<T> {
  private readonly decoder = new TextDecoder();
  private rest = "";

  push(chunk: Uint8Array): T[] {
    const lines = (this.rest + this.decoder.decode(chunk, { stream: true })).split("\n");
    this.rest = lines.pop() ?? "";
    return lines.filter((line) => line !== "").map((line) => JSON.parse(line) as T);
  }
}

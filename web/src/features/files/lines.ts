/** Answers that come line by line, each a JSON value. */

/** Calls `tell` with each line as it comes. */
export async function eachLine(response: Response, tell: (value: unknown) => void): Promise<void> {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  if (!reader) return;
  let rest = "";
  for (;;) {
    const { done, value = "" } = await reader.read();
    const lines = (rest + value).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) if (line !== "") tell(JSON.parse(line));
    if (done) return;
  }
}

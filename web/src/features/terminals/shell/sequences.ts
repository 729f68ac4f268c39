/** What the shell's marks say, taken apart. */

type Mark = { kind: "prompt" | "line" | "output" } | { kind: "end"; exitCode: number | undefined };

/** The text of an OSC 133. */
export function parseMark(data: string): Mark | undefined {
  const [kind, status] = data.split(";");
  switch (kind) {
    case "A":
      return { kind: "prompt" };
    case "B":
      return { kind: "line" };
    case "C":
      return { kind: "output" };
    case "D":
      return { kind: "end", exitCode: /^\d{1,3}$/.test(status ?? "") ? Number(status) : undefined };
    default:
      return undefined;
  }
}

/** The command line of an OSC 633, if it has the nonce of the shell itself. */
export function decodeLine(data: string, nonce: string | undefined): string | undefined {
  const [kind, line, ...rest] = data.split(";");
  if (kind !== "E" || line === undefined || !nonce || rest.join(";") !== nonce) return undefined;
  return line.replace(/\\(?:\\|x([0-9a-f]{2}))/gi, (_, hex?: string) =>
    hex === undefined ? "\\" : String.fromCharCode(Number.parseInt(hex, 16)),
  );
}

/** The path of an OSC 7. */
export function decodeDirectory(data: string): string | undefined {
  const path = /^file:\/\/[^/]*(\/.*)$/s.exec(data)?.[1];
  if (path === undefined) return undefined;
  try {
    return decodeURIComponent(path);
  } catch {
    return undefined;
  }
}

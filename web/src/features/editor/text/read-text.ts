/** From bytes to the text of a file and back, without loss. */
import type { Failure } from "../document";
import type { Conventions } from "./editorconfig";
import { decode, detect, type Encoding, encode, hasBom, type TextFormat } from "./encodings";
import { lineEndingsOf } from "./line-endings";

/** Why bytes are not shown as text: binary, no UTF-8, or not of the encoding that was asked for. */
export type BinaryReason = "nul" | "utf8" | "encoding";

export type TextRead =
  | {
      kind: "text";
      text: string;
      format: TextFormat;
      /** The format gives the very same bytes again. */
      exact: boolean;
      /** Lines end in different ways. */
      mixedEndings: boolean;
    }
  | { kind: "binary"; reason: BinaryReason };

/** The EditorConfig charset for files whose bytes are no UTF-8: its `latin1` is the web's too. */
const CHARSETS: Partial<Record<NonNullable<Conventions["charset"]>, Encoding>> = {
  latin1: "windows-1252",
  "utf-16le": "utf-16le",
  "utf-16be": "utf-16be",
};

/** Reads bytes: as a person says, else as they show, else as the project says. */
export function readText(
  bytes: Uint8Array,
  chosen: Encoding | undefined,
  charset: Conventions["charset"],
): TextRead {
  const detected = chosen ? { encoding: chosen, bom: hasBom(bytes, chosen) } : detect(bytes);
  const said = charset && CHARSETS[charset];
  const format =
    "binary" in detected && detected.binary === "utf8" && said
      ? { encoding: said, bom: false }
      : detected;
  if ("binary" in format) return { kind: "binary", reason: format.binary };
  const text = decode(bytes, format.encoding);
  if (text === undefined) return { kind: "binary", reason: "encoding" };
  const exact = format.encoding === "utf-8" || isSame(encode(text, format), bytes);
  return { kind: "text", text, format, exact, mixedEndings: lineEndingsOf(text).mixed };
}

function isSame(encoded: ReturnType<typeof encode>, bytes: Uint8Array): boolean {
  return (
    encoded.kind === "bytes" &&
    encoded.bytes.length === bytes.length &&
    encoded.bytes.every((byte, index) => byte === bytes[index])
  );
}

/** The bytes to be saved, or why the text cannot be saved in this encoding. */
export function writeText(text: string, format: TextFormat): Uint8Array<ArrayBuffer> | Failure {
  const encoded = encode(text, format);
  if (encoded.kind === "bytes") return encoded.bytes;
  const { character, line } = encoded;
  return { code: "encoding", message: format.encoding, character, line };
}

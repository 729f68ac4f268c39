import { describe, expect, it } from "vitest";
import { decode, detect, ENCODINGS, type Encoding, encode, hasBom } from "./encodings";

function bytesOf(text: string, encoding: Encoding, bom = false): Uint8Array<ArrayBuffer> {
  const encoded = encode(text, { encoding, bom });
  if (encoded.kind !== "bytes") throw new Error(`${encoding} lacks ${encoded.character}`);
  return encoded.bytes;
}

const TEXTS: Partial<Record<Encoding, string>> = {
  "utf-16le": "plain عربي 😀\r\n",
  "utf-16be": "plain عربي 😀\r\n",
  "windows-1256": "مرحبا world\n",
  "windows-1251": "Привет\n",
  "koi8-r": "Привет\n",
  "iso-8859-7": "Καλημέρα\n",
  shift_jis: "日本語 ｶﾅ ①\n",
  "euc-jp": "日本語 丂\n",
  "euc-kr": "한국어\n",
  big5: "繁體中文\n",
  gbk: "简体中文\n",
  gb18030: "简体 ᠀ 😀 ḿ\n",
};

describe("encoding", () => {
  it.each(Object.entries(TEXTS))("%s leads back to the same text", (encoding, text) => {
    const bytes = bytesOf(text, encoding as Encoding);
    expect(decode(bytes, encoding as Encoding)).toBe(text);
  });

  it.each(ENCODINGS)("%s decodes to what it encoded, wherever it can", (encoding) => {
    // Every character of the basic plane that the encoding has.
    let held = "";
    for (let code = 0x20; code < 0xfffe; code += 7) {
      const character = String.fromCharCode(code);
      if (code >= 0xd800 && code < 0xe000) continue;
      if (encode(character, { encoding, bom: false }).kind === "bytes") held += character;
    }
    expect(held.length).toBeGreaterThan(10);
    expect(decode(bytesOf(held, encoding), encoding)).toBe(held);
  });

  it("refuses what it has no character for, and says where", () => {
    expect(encode("ok\nΩ", { encoding: "windows-1256", bom: false })).toEqual({
      kind: "unencodable",
      character: "Ω",
      line: 2,
    });
  });

  it("keeps a mark where there was one", () => {
    for (const encoding of ["utf-8", "utf-16le", "utf-16be"] as const) {
      const bytes = bytesOf("a", encoding, true);
      expect(hasBom(bytes, encoding)).toBe(true);
      expect(detect(bytes)).toEqual({ encoding, bom: true });
      expect(decode(bytes, encoding)).toBe("a");
    }
  });
});

describe("what bytes are", () => {
  it("is known of UTF-8, and of UTF-16 by its NULs", () => {
    expect(detect(new TextEncoder().encode("é"))).toEqual({ encoding: "utf-8", bom: false });
    const text = "some lines\nof text\n";
    expect(detect(bytesOf(text, "utf-16le"))).toEqual({ encoding: "utf-16le", bom: false });
    expect(detect(bytesOf(text, "utf-16be"))).toEqual({ encoding: "utf-16be", bom: false });
  });

  it("is not guessed of anything else", () => {
    expect(detect(new Uint8Array([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0, 0, 0]))).toEqual({
      binary: "nul",
    });
    expect(detect(new Uint8Array([0x63, 0x61, 0x66, 0xe9]))).toEqual({ binary: "utf8" });
  });
});

import { describe, expect, it } from "vitest";
import { FakeDisk, settled } from "../testing";
import { BLOCK_BYTES, ByteBlocks } from "./byte-blocks";
import { needleOf } from "./hex";
import { LineIndex } from "./line-index";
import { parsePlace } from "./place";
import { ROW_BYTES_MAX, rowsBefore, rowsIn } from "./rows";
import { findBytes, scan } from "./scan";

const bytes = (text: string) => new TextEncoder().encode(text);
const never = new AbortController().signal;

describe("rows", () => {
  const all = { count: 100, lineStart: true, atEnd: true };

  it("are lines, without their endings", () => {
    expect(rowsIn(bytes("one\r\n\ntwo"), 10, all)).toEqual([
      { start: 10, end: 15, lineStart: true, text: "one" },
      { start: 15, end: 16, lineStart: true, text: "" },
      { start: 16, end: 19, lineStart: true, text: "two" },
    ]);
    expect(rowsIn(bytes("one\ntw"), 0, { ...all, atEnd: false }).map(({ text }) => text)).toEqual([
      "one",
    ]);
  });

  it("of a line without end are pieces that cut no character", () => {
    const line = bytes("é".repeat(ROW_BYTES_MAX));
    const rows = rowsIn(line.subarray(1), 1, { ...all, lineStart: false });
    expect(rows.every(({ text }, index) => index === 0 || !text.startsWith("\ufffd"))).toBe(true);
    expect(rows.at(-1)?.end).toBe(line.length);
    expect(rows.slice(1).some(({ lineStart }) => lineStart)).toBe(false);
  });

  it("before a place are found from what stands there", () => {
    const text = "aa\nbb\ncc\ndd\n";
    expect(rowsBefore(bytes(text), 0, 1)).toEqual({ start: 9, lineStart: true });
    expect(rowsBefore(bytes(text), 0, 3)).toEqual({ start: 3, lineStart: true });
    expect(rowsBefore(bytes(text), 0, 50)).toEqual({ start: 0, lineStart: true });
    expect(rowsBefore(bytes("half\ncc\ndd\n"), 100, 2)).toEqual({ start: 105, lineStart: true });
    const long = bytes("x".repeat(3 * ROW_BYTES_MAX));
    expect(rowsBefore(long, 500, 1)).toEqual({
      start: 500 + 2 * ROW_BYTES_MAX,
      lineStart: false,
    });
  });
});

describe("blocks", () => {
  it("are read once, when they are needed, and forgotten when there are many", async () => {
    const disk = new FakeDisk();
    const size = BLOCK_BYTES * 40;
    disk.put("big", new Uint8Array(size).fill(7));
    let news = 0;
    const blocks = new ByteBlocks(disk, "big", size, () => {
      news += 1;
    });
    expect(blocks.bytes(10, 20)).toBeUndefined();
    expect(blocks.bytes(30, 40)).toBeUndefined();
    await settled();
    expect([disk.ranges, news]).toEqual([1, 1]);
    expect(blocks.bytes(10, 20)).toEqual(new Uint8Array(10).fill(7));
    expect(blocks.bytes(size - 5, size + 5)).toBeUndefined();
    await settled();
    expect(blocks.bytes(size - 5, size + 5)).toHaveLength(5);
    for (let block = 0; block < 40; block += 1)
      blocks.bytes(block * BLOCK_BYTES, block * BLOCK_BYTES + 1);
    await settled();
    expect(blocks.bytes(38 * BLOCK_BYTES, 38 * BLOCK_BYTES + 1)).toHaveLength(1);
    const before = disk.ranges;
    expect(blocks.bytes(BLOCK_BYTES, BLOCK_BYTES + 1)).toBeUndefined();
    await settled();
    expect(disk.ranges).toBe(before + 1);
  });

  it("over a border are given as one, and say why they are not there", async () => {
    const disk = new FakeDisk();
    disk.put("big", new Uint8Array(BLOCK_BYTES * 2).fill(1));
    const blocks = new ByteBlocks(disk, "big", BLOCK_BYTES * 2, () => {});
    blocks.bytes(BLOCK_BYTES - 2, BLOCK_BYTES + 2);
    await settled();
    expect(blocks.bytes(BLOCK_BYTES - 2, BLOCK_BYTES + 2)).toHaveLength(4);
    disk.files.delete("big");
    blocks.reset(BLOCK_BYTES);
    blocks.bytes(0, 1);
    await settled();
    expect(blocks.failure).toMatchObject({ code: "not_found" });
  });
});

describe("lines", () => {
  it("are counted while the file is read through", () => {
    const index = new LineIndex();
    expect(index.estimate(400)).toBe(11);
    const line = `${"x".repeat(1023)}\n`;
    const text = bytes(line.repeat(1000));
    index.add(text.subarray(0, 500_000));
    index.add(text.subarray(500_000));
    expect(index.lines).toBe(1001);
    expect(index.before(1)).toBe(256);
    expect(index.estimate(512_000)).toBe(501);
    expect(index.blockOf(1)).toEqual({ block: 0, before: 0 });
    expect(index.blockOf(300)).toEqual({ block: 1, before: 256 });
    expect(index.blockOf(5000)).toBeUndefined();
  });
});

describe("searching", () => {
  it("finds over the borders of parts, goes around, and may ignore case", async () => {
    const disk = new FakeDisk();
    const part = 4 * 1024 * 1024;
    const content = new Uint8Array(part * 2).fill(0x2e);
    content.set(bytes("Needle"), part - 3);
    disk.put("big", content);
    const find = (text: string, start: number, ignoreCase = false) =>
      findBytes(disk, "big", { start, size: content.length }, bytes(text), ignoreCase, never);
    expect(await find("Needle", 0)).toBe(part - 3);
    expect(await find("Needle", part)).toBe(part - 3);
    expect(await find("nEEDLE", 0)).toBeUndefined();
    expect(await find("nEEDLE", 0, true)).toBe(part - 3);
    expect(await find("missing", 0)).toBeUndefined();
    expect(await find("", 0)).toBeUndefined();
  });

  it("ends when it is enough, or is stopped", async () => {
    const disk = new FakeDisk();
    disk.put("big", new Uint8Array(9 * 1024 * 1024));
    let parts = 0;
    await scan(disk, "big", { start: 0, size: 9 * 1024 * 1024 }, never, () => {
      parts += 1;
      return false;
    });
    expect(parts).toBe(1);
    const stopped = new AbortController();
    stopped.abort();
    await scan(disk, "big", { start: 0, size: 9 * 1024 * 1024 }, stopped.signal, () => {
      parts += 1;
      return true;
    });
    expect(parts).toBe(1);
  });
});

describe("a place", () => {
  it.each([
    ["12", true, { kind: "line", line: 12 }],
    ["12", false, { kind: "offset", offset: 12 }],
    ["0x1F", true, { kind: "offset", offset: 31 }],
    ["50%", true, { kind: "offset", offset: 500 }],
    ["0", true, undefined],
    ["0xffff", true, undefined],
    ["x", false, undefined],
  ] as const)("%s (lines: %s)", (text, lines, place) => {
    expect(parsePlace(text, 1000, lines)).toEqual(place);
  });
});

describe("what is searched for among bytes", () => {
  it("is hex in pairs, or text", () => {
    expect(needleOf("ca FE").bytes).toEqual(new Uint8Array([0xca, 0xfe]));
    expect(needleOf("0xcafe")).toEqual({ bytes: new Uint8Array([0xca, 0xfe]), text: false });
    expect(needleOf("cafes")).toMatchObject({ text: true });
    expect(needleOf("é").bytes).toHaveLength(2);
  });
});

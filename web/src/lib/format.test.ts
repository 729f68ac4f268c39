import { expect, test } from "vitest";
import { formatBytes } from "./format";

test.each([
  [0, "0 bytes"],
  [1, "1 byte"],
  [1023, "1,023 bytes"],
  [1536, "1.5 kB"],
  [32 * 1024 ** 3, "32 GB"],
  [5 * 1024 ** 4, "5 TB"],
])("%d is %s", (bytes, text) => {
  expect(formatBytes(bytes, "en")).toBe(text);
});

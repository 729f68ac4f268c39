import { expect, test } from "vitest";
import { formatDuration } from "./duration";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

test("a time span is told in its two largest units", () => {
  for (const [ms, words] of [
    [0, "1 second"],
    [3.6 * SECOND, "4 seconds"],
    [59.9 * SECOND, "1 minute"],
    [61 * SECOND, "1 minute 1 second"],
    [3 * HOUR + 12 * MINUTE + 40 * SECOND, "3 hours 12 minutes"],
    [2 * HOUR + 30 * SECOND, "2 hours"],
    [400 * 24 * HOUR, "400 days"],
  ] as const) {
    expect(formatDuration(ms, "en"), String(ms)).toBe(words);
  }
});

test("in Arabic too", () => {
  expect(formatDuration(2 * HOUR + 12 * MINUTE, "ar")).toMatch(/^ساعتان.*12 دقيقة$/);
});

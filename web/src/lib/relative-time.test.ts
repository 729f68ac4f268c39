import { describe, expect, test } from "vitest";
import { exactTime, relativeTime } from "./relative-time";

const NOW = Date.UTC(2026, 10, 20, 12, 0, 0);
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

describe("relativeTime", () => {
  test.each([
    [0, "now"],
    [-4_999, "now"],
    [4_999, "now"],
    [-5_000, "5 seconds ago"],
    [-59_999, "59 seconds ago"],
    [-MINUTE, "1 minute ago"],
    [-HOUR + 1, "59 minutes ago"],
    [-3 * HOUR, "3 hours ago"],
    [-DAY, "yesterday"],
    [DAY, "tomorrow"],
    [-29 * DAY, "29 days ago"],
    [-30 * DAY, "last month"],
    [-364 * DAY, "12 months ago"],
    [-365 * DAY, "last year"],
    [7 * DAY, "in 7 days"],
    [-800 * DAY, "2 years ago"],
  ])("%d ms is %s", (distance, text) => {
    expect(relativeTime(NOW + distance, NOW, "en")).toBe(text);
  });

  test("speaks Arabic, with its dual, and Latin digits", () => {
    expect(relativeTime(NOW - 2 * HOUR, NOW, "ar-u-nu-latn")).toBe("قبل ساعتين");
    expect(relativeTime(NOW - 5 * MINUTE, NOW, "ar-u-nu-latn")).toBe("قبل 5 دقائق");
  });
});

test("exactTime names the day and the second", () => {
  const text = exactTime(NOW + 7_000, "en");
  expect(text).toMatch(/November (?:19|20|21), 2026/);
  expect(text).toMatch(/:00:07/);
});

import { expect, test } from "vitest";
import { formatLatency } from "./latency";

test("a round trip has the unit and the digits that say something", () => {
  expect(formatLatency(412, "en")).toBe("0.4 ms");
  expect(formatLatency(12_345, "en")).toBe("12 ms");
  expect(formatLatency(1_250_000, "en")).toMatch(/^1\.3 sec/);
});

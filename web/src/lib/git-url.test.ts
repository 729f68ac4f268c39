import { describe, expect, test } from "vitest";
import { freeName, repositoryName } from "./git-url";

describe("repositoryName", () => {
  test.each([
    ["https://git.example.org/team/payments-api.git", "payments-api"],
    ["https://git.example.org/team/payments-api/", "payments-api"],
    ["  https://git.example.org/a/b?ref=main#top ", "b"],
    ["http://localhost:8080/repo.git", "repo"],
    ["git@git.example.org:team/tool.git", "tool"],
    ["https://git.example.org", ""],
    ["https://", ""],
    ["", ""],
  ])("of %s is %s", (url, name) => {
    expect(repositoryName(url)).toBe(name);
  });

  test("is never longer than a workspace's name may be", () => {
    expect(repositoryName(`https://git.example.org/${"x".repeat(300)}`)).toHaveLength(63);
  });
});

describe("freeName", () => {
  test("counts up from 2", () => {
    expect(freeName("rust", new Set())).toBe("rust");
    expect(freeName("rust", new Set(["rust", "rust-2"]))).toBe("rust-3");
  });

  test("shortens so that the number fits", () => {
    const long = "x".repeat(63);
    expect(freeName(long, new Set([long]))).toBe(`${"x".repeat(61)}-2`);
  });
});

import type { TFunction } from "i18next";
import { describe, expect, test } from "vitest";
import { CREATE_DEFAULTS, type CreateValues, createRequest, createSchema } from "./create-form";

// The key stands for its text.
const t = ((key: string) => key) as unknown as TFunction<"workspaces">;

function errorsOf(values: Partial<CreateValues>): Record<string, string> {
  const result = createSchema(t).safeParse({ ...CREATE_DEFAULTS, ...values });
  return Object.fromEntries(
    (result.error?.issues ?? []).map(({ path, message }) => [path.join("."), message]),
  );
}

describe("createSchema", () => {
  test("takes names of any script, with marks and emoji", () => {
    for (const name of ["web", "مختبر البيانات", "🦀 crab", "a.b_c-d", "x".repeat(63)]) {
      expect(errorsOf({ kind: "empty", name })).toEqual({});
    }
  });

  test.each([
    ["", "name.missing"],
    ["   ", "name.missing"],
    ["a/b", "name.characters"],
    ["a\0b", "name.characters"],
    ["..", "name.characters"],
    ["x".repeat(300), "name.long"],
    ["🦀".repeat(64), "name.long"],
  ])("refuses the name %j", (name, message) => {
    expect(errorsOf({ kind: "empty", name })).toEqual({ name: message });
  });

  test.each(["file:///etc", "-u", "ext::sh -c whoami", "git.example.org/a", "https://host", ""])(
    "refuses the address %j",
    (url) => {
      expect(errorsOf({ kind: "git", name: "a", url })).toEqual({ url: "field.urlForm" });
    },
  );

  test("asks for a template only where one is used", () => {
    expect(errorsOf({ kind: "template", name: "a" })).toEqual({
      template: "field.templateMissing",
    });
    expect(errorsOf({ kind: "empty", name: "a" })).toEqual({});
  });

  test("refuses limits that are no positive numbers", () => {
    const limits = { memoryGib: "-1", cpus: "many", processes: "0" };
    expect(Object.keys(errorsOf({ kind: "empty", name: "a", ...limits }))).toEqual([
      "memoryGib",
      "cpus",
      "processes",
    ]);
  });
});

describe("createRequest", () => {
  test("of a repository, with limits in the server's units", () => {
    const request = createRequest({
      ...CREATE_DEFAULTS,
      kind: "git",
      name: "api",
      url: "https://git.example.org/api.git",
      reference: "main",
      memoryGib: "1.5",
      cpus: "0.5",
    });
    expect(request).toEqual({
      name: "api",
      source: { kind: "git", url: "https://git.example.org/api.git", reference: "main" },
      limits: { memory_bytes: 1_610_612_736, cpu_millis: 500 },
    });
  });

  test("of nothing is the empty template", () => {
    expect(
      createRequest({ ...CREATE_DEFAULTS, kind: "empty", name: "a", template: "rust" }),
    ).toEqual({
      name: "a",
      source: { kind: "template", template: "empty" },
      limits: {},
    });
  });

  test("names a server only where one was chosen", () => {
    const values = { ...CREATE_DEFAULTS, kind: "empty" as const, name: "a" };
    expect(createRequest(values)).not.toHaveProperty("node_id");
    expect(createRequest({ ...values, node: "node_2" }).node_id).toBe("node_2");
  });
});

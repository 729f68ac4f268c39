import { beforeEach, describe, expect, it } from "vitest";
import { forgetPerson } from "@/lib/tab-person";
import { pathOf, remembered, usePreviews } from "./preview-store";

describe("pathOf", () => {
  it.each([
    ["", "/"],
    ["a/b", "/a/b"],
    ["/a?b=c#d", "/a?b=c#d"],
    ["http://localhost:3000/x?y", "/x?y"],
    ["//evil.example/x", "/evil.example/x"],
    ["/a b", "/a%20b"],
    ["/\\evil", "/"],
  ])("%s", (typed, path) => {
    const found = pathOf(typed);
    expect(found.startsWith("//")).toBe(false);
    expect(found).toBe(path);
  });
});

describe("a preview", () => {
  beforeEach(() => usePreviews.setState({ open: {} }));

  it("goes where it is sent, and back again", () => {
    const { show, go, back } = usePreviews.getState();
    show("ws", 3000, "host");
    go("ws", "/a");
    go("ws", "/b");
    back("ws");
    back("ws");
    back("ws");
    expect(usePreviews.getState().open.ws).toMatchObject({ path: "/", before: [] });
  });

  it("of a workspace leaves the others alone", () => {
    const { show, close } = usePreviews.getState();
    show("one", 3000, "host");
    show("two", 4000, "path");
    close("one");
    expect(Object.keys(usePreviews.getState().open)).toEqual(["two"]);
  });

  it("is remembered by its tab until it is closed, or its person signs out", () => {
    const { show, go, change, close } = usePreviews.getState();
    show("one", 3000, "host");
    go("one", "/a");
    change("one", { width: "phone" });
    show("two", 4000, "path");
    const one = { port: 3000, path: "/a", before: ["/"], addressing: "host", width: "phone" };
    expect(remembered().one).toEqual({ ...one, turn: 0 });
    close("one");
    expect(Object.keys(remembered())).toEqual(["two"]);
    forgetPerson();
    expect(remembered()).toEqual({});
    expect(usePreviews.getState().open).toEqual({});
  });

  it("that makes no sense was not open", () => {
    const good = { port: 80, path: "/", before: [], addressing: "path", width: "full" };
    for (const text of ["{", "null", "7", '"x"', '[{"port":80}]']) {
      sessionStorage.setItem("atelier.previews", text);
      expect(remembered()).toEqual({});
    }
    const stored = {
      good,
      port: { ...good, port: 0 },
      path: { ...good, path: "//evil.example" },
      width: { ...good, width: "wide" },
    };
    sessionStorage.setItem("atelier.previews", JSON.stringify(stored));
    expect(Object.keys(remembered())).toEqual(["good"]);
  });
});

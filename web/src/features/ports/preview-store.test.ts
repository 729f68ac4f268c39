import { beforeEach, describe, expect, it } from "vitest";
import { pathOf, usePreviews } from "./preview-store";

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
});

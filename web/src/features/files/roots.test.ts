import { describe, expect, test } from "vitest";
import { folderWithin, rootListing, rootsOf, shownFolders } from "./roots";

describe("where a server's files begin", () => {
  test("everywhere, where its owner names no folder, or all of them", () => {
    expect(rootsOf([])).toEqual([]);
    expect(rootsOf(["/srv", "/"])).toEqual([]);
  });

  test("at the folders that its owner names, each once", () => {
    expect(rootsOf(["/srv/open/", "/home/ada", "/srv/open"])).toEqual(["home/ada", "srv/open"]);
  });

  test("a folder inside another stands in it, and not beside it", () => {
    expect(rootsOf(["/srv/open/site", "/srv/open", "/srv/openly"])).toEqual([
      "srv/open",
      "srv/openly",
    ]);
  });

  test("a per cent sign is written as the API writes it, and shown as it is", () => {
    expect(rootsOf(["/srv/100%"])).toEqual(["srv/100%25"]);
    const listing = rootListing(["srv/100%25"]);
    expect(listing).toMatchObject({ items: [{ name: "/srv/100%", path: "srv/100%25" }] });
  });

  test("what stands above the roots is never asked for", () => {
    expect(shownFolders(["srv", "srv/open", "srv/open/a"], ["srv/open"])).toEqual([
      "srv/open",
      "srv/open/a",
    ]);
    expect(shownFolders(["srv"], [])).toEqual(["", "srv"]);
  });

  test("what is made above them is made in the first", () => {
    expect(folderWithin("", ["srv/open", "srv/shared"])).toBe("srv/open");
    expect(folderWithin("srv/shared", ["srv/open", "srv/shared"])).toBe("srv/shared");
    expect(folderWithin("", [])).toBe("");
  });
});

import { expect, test } from "vitest";
import { ranked } from "./palette-rank";

const found = (search: string, ...titles: string[]) =>
  ranked(
    titles.map((title) => ({ title, section: "git" as const })),
    search,
    () => "Git",
  ).map(({ title }) => title);

test("the title that was typed comes first", () => {
  expect(found("log", "Audit log", "Show the language server's log", "Log")[0]).toBe("Log");
  expect(found("Stashes", "Show trash", "Choose the files to search", "Stashes")[0]).toBe(
    "Stashes",
  );
});

test("words come before letters in their order", () => {
  expect(found("new t", "Open in a new tab", "Show: Next", "New terminal")[0]).toBe("New terminal");
  expect(found("tab close", "Turn all but close", "Close the tab")[0]).toBe("Close the tab");
});

test("words around the title are found, too", () => {
  expect(found("git fetch", "Pull", "Fetch")).toEqual(["Fetch"]);
});

test("case, accents and Arabic vowels need not be typed", () => {
  expect(found("مجهز", "إيداع ما هو مُجهَّز")).toHaveLength(1);
  expect(found("RESUME", "Résumé")).toHaveLength(1);
});

test("what has nothing of it is not shown, and equals keep their order", () => {
  expect(found("xyz", "Fetch", "Pull")).toEqual([]);
  expect(found("p", "Push", "Pull")).toEqual(["Push", "Pull"]);
});

import { readdirSync, readFileSync } from "node:fs";
import type { languages } from "monaco-editor";
import { describe, expect, it } from "vitest";
import { registerExtraLanguages, simpleGrammar } from "./extra-languages";

function registered() {
  const points: languages.ILanguageExtensionPoint[] = [];
  const grammars = new Map<string, unknown>();
  registerExtraLanguages({
    register: (point: languages.ILanguageExtensionPoint) => points.push(point),
    setMonarchTokensProvider: (id: string, grammar: unknown) => grammars.set(id, grammar),
    setLanguageConfiguration: () => ({ dispose() {} }),
  } as unknown as typeof languages);
  return { points, grammars };
}

describe("the table of languages", () => {
  it("claims each ending and each name once", () => {
    const { points } = registered();
    const claims = points.flatMap(({ extensions = [], filenames = [] }) => [
      ...extensions,
      ...filenames.map((name) => `/${name}`),
    ]);
    expect(claims).toEqual([...new Set(claims)]);
    expect(claims).toContain(".toml");
  });

  it("makes more than a hundred languages, with Monaco's own", () => {
    // Monaco registers each in a file of its own, whose grammar comes when a text needs it.
    const folder = "node_modules/monaco-editor/esm/vs/languages/definitions";
    const own = readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => readFileSync(`${folder}/${name}/register.js`, "utf8"))
      .flatMap((source) => [...source.matchAll(/\bid: "([^"]+)"/g)].map((match) => match[1]));
    const ids = new Set([...own, ...registered().points.map(({ id }) => id)]);
    expect(ids.size).toBeGreaterThan(100);
  });

  it("makes grammars whose rules match from a position, never nothing", () => {
    const { grammars } = registered();
    for (const [id, grammar] of grammars) {
      const { tokenizer } = grammar as languages.IMonarchLanguage;
      for (const rules of Object.values(tokenizer)) {
        for (const rule of rules) {
          const pattern = Array.isArray(rule) ? rule[0] : undefined;
          if (pattern instanceof RegExp) expect(pattern.exec(""), `${id}: ${pattern}`).toBeNull();
        }
      }
    }
  });

  it("takes signs that regular expressions use as they are", () => {
    const grammar = simpleGrammar({ id: "x", comment: "//", block: ["(*", "*)"], quotes: '"' });
    const [open, comment, text] = grammar.tokenizer.root as [RegExp, unknown][];
    expect(open?.[0].exec("(* a *)")?.[0]).toBe("(*");
    expect(comment?.[0].exec("// all of it")?.[0]).toBe("// all of it");
    expect(text?.[0].exec('"a \\" b" c')?.[0]).toBe('"a \\" b"');
  });
});

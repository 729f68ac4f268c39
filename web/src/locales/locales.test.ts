import { describe, expect, test } from "vitest";

type Texts = { [key: string]: string | Texts };

const files = import.meta.glob<{ default: Texts }>("./*/*.json", { eager: true });

function flat(texts: Texts, prefix = ""): [string, string][] {
  return Object.entries(texts).flatMap(([key, value]) =>
    typeof value === "string" ? [[prefix + key, value]] : flat(value, `${prefix}${key}.`),
  );
}

function textsOf(language: string, namespace: string): [string, string][] {
  return flat(files[`./${language}/${namespace}.json`]?.default ?? {});
}

const PLURAL = /_(?:zero|one|two|few|many|other)$/;
const names = (texts: [string, string][]) => new Set(texts.map(([key]) => key.replace(PLURAL, "")));
const placeholders = (text: string) => [...text.matchAll(/{{\w+}}/g)].map(String).sort();

const namespaces = Object.keys(files)
  .filter((file) => file.startsWith("./en/"))
  .map((file) => file.slice("./en/".length, -".json".length));

// What stays the same in Arabic: names of products and technologies.
const UNTRANSLATED = /^[\p{P}\p{S}\s\d]*$|^(?:Landlock|Atelier|CPU|Git|VS Code)$/u;

describe.each(namespaces)("%s", (namespace) => {
  const english = textsOf("en", namespace);
  const arabic = textsOf("ar", namespace);

  test("has the same texts in both languages", () => {
    expect([...names(arabic)].sort()).toEqual([...names(english)].sort());
  });

  test("has every plural form that each language needs", () => {
    for (const [language, texts] of [
      ["en", english],
      ["ar", arabic],
    ] as const) {
      const forms = new Intl.PluralRules(language).resolvedOptions().pluralCategories;
      const keys = new Set(texts.map(([key]) => key));
      for (const key of keys) {
        if (!PLURAL.test(key)) continue;
        for (const form of forms) {
          expect(keys, language).toContain(key.replace(PLURAL, `_${form}`));
        }
      }
    }
  });

  test("fills in the same values in Arabic", () => {
    const held = new Map(arabic);
    for (const [key, text] of english) {
      const translated = held.get(key);
      // A dual or singular may say its number in words.
      if (translated === undefined || PLURAL.test(key)) continue;
      expect(placeholders(translated), key).toEqual(placeholders(text));
    }
  });

  test("is Arabic where it says so", () => {
    for (const [key, text] of arabic) {
      const words = text.replace(/{{\w+}}/g, "").trim();
      if (UNTRANSLATED.test(words)) continue;
      expect(words, key).toMatch(/\p{Script=Arabic}/u);
    }
  });
});

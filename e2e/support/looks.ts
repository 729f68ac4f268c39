import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { expect, type Page, type Request } from "@playwright/test";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** What each watched page asked of the server and has not got yet. */
const ASKED = new WeakMap<Page, Set<Request>>();

/**
 * A film's rest may be held back by the browser for ever; a worker's program is never heard of again when the worker
 * is ended while it loads. Neither is seen by who looks at the page.
 */
function unseen(request: Request): boolean {
  return request.resourceType() === "media" || /\.worker-[^/]+\.js$/.test(request.url());
}

/** A page has had its answers when nothing was outstanding so many times in a row, a tenth of a second apart. */
const CALM_LOOKS = 5;

/** To be called for each page that is looked at, before it shows anything. */
export async function watch(page: Page): Promise<void> {
  await page.addInitScript(AXE);
  const asked = new Set<Request>();
  ASKED.set(page, asked);
  page.on("request", (request) => {
    if (!unseen(request)) asked.add(request);
  });
  page.on("requestfinished", (request) => asked.delete(request));
  page.on("requestfailed", (request) => asked.delete(request));
}

/** Waits until a watched page has had all that it asked for, for a while. */
export async function quiet(page: Page): Promise<void> {
  const asked = ASKED.get(page);
  if (!asked) throw new Error("the page is not watched");
  let looks = 0;
  const waiting = () => {
    looks = asked.size === 0 ? looks + 1 : 0;
    if (looks === CALM_LOOKS) return [];
    return asked.size === 0 ? ["what may be asked next"] : [...asked].map((request) => request.url());
  };
  await expect.poll(waiting, { message: "waited for", intervals: [100], timeout: 30_000 }).toEqual([]);
}

export interface Look {
  name: string;
  /** `system`: both, one after the other, without a reload. */
  theme: "light" | "dark" | "system";
  language: "en" | "ar";
  width: number;
}

/** The pages before the sign-in are looked at in each of them. */
export const LOOKS: readonly Look[] = [
  { name: "light", theme: "light", language: "en", width: 1280 },
  { name: "dark", theme: "dark", language: "en", width: 1280 },
  { name: "Arabic", theme: "light", language: "ar", width: 1280 },
  { name: "Arabic, dark, on a phone", theme: "dark", language: "ar", width: 390 },
  { name: "on a phone", theme: "light", language: "en", width: 390 },
];

/** Both themes, and a phone in the other direction; a minute each is what the rest would cost. */
export const MAIN_LOOKS: readonly Look[] = [
  { name: "light and dark", theme: "system", language: "en", width: 1280 },
  { name: "Arabic, dark, on a phone", theme: "dark", language: "ar", width: 390 },
];

/** Does something in each theme that the page is to be looked at in. */
async function inEachTheme(page: Page, look: (theme: string) => Promise<void>): Promise<void> {
  const chosen = await page.evaluate(() => localStorage.getItem("atelier.theme"));
  if (chosen !== null) return look(chosen);
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    // What does not paint with CSS hears of it, and paints with the next frame.
    await page.evaluate(() => new Promise((painted) => requestAnimationFrame(() => requestAnimationFrame(painted))));
    await look(colorScheme);
  }
}

/** What axe finds, a line each; nothing is best. */
export async function violations(page: Page): Promise<string[]> {
  const all: string[] = [];
  await inEachTheme(page, async (theme) => {
    all.push(...(await found(page)).map((line) => `${theme}: ${line}`));
  });
  return all;
}

/** Colours that are on their way from one value to another are nobody's choice. */
async function settled(page: Page): Promise<void> {
  // What turns for ever is waited for by nobody.
  await page.waitForFunction(() =>
    document
      .getAnimations()
      .filter(({ effect }) => effect?.getComputedTiming().iterations !== Number.POSITIVE_INFINITY)
      .every(({ playState }) => playState !== "running"),
  );
}

async function found(page: Page): Promise<string[]> {
  await settled(page);
  return page.evaluate(async () => {
    const { axe } = globalThis as unknown as {
      axe: { run: (options: object) => Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
    };
    const { violations } = await axe.run({ resultTypes: ["violations"] });
    return violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html.slice(0, 160)}`);
  });
}

/** Shows the page that is open in a theme, a language and a width. */
export async function wear(page: Page, { theme, language, width }: Look): Promise<void> {
  await page.setViewportSize({ width, height: 844 });
  await page.evaluate(
    (look) => {
      if (look.theme === "system") localStorage.removeItem("atelier.theme");
      else localStorage.setItem("atelier.theme", look.theme);
      localStorage.setItem("atelier.language", look.language);
    },
    { theme, language },
  );
  await page.reload();
}

/** For a person to look at, where `ATELIER_PICTURES` names a folder. */
export async function picture(page: Page, name: string): Promise<void> {
  const folder = process.env.ATELIER_PICTURES;
  if (!folder) return;
  await inEachTheme(page, async (theme) => {
    await settled(page);
    await page.screenshot({ path: `${folder}/${name.replace(/[^\w]+/g, "-")}-${theme}.png` });
  });
}

/** What a part of the interface says in a language. */
export function words(part: string, language: string) {
  const file = new URL(`../../web/src/locales/${language}/${part}.json`, import.meta.url);
  return JSON.parse(readFileSync(file, "utf8"));
}

/** Starts an action by its title. */
export async function run(page: Page, title: string): Promise<void> {
  await page.keyboard.press("F1");
  await page.locator("[cmdk-input]").fill(title);
  await page.keyboard.press("Enter");
  await page.locator("[cmdk-input]").waitFor({ state: "hidden" });
}

/** Opens a dialog by its action's title, shows it, and closes it again. */
export async function throughPalette(
  page: Page,
  title: string,
  look: () => Promise<void>,
): Promise<void> {
  await page.keyboard.press("F1");
  const words = page.locator("[cmdk-input]");
  await words.fill(title);
  // What opens may be a list with such a field, too.
  const palette = page.locator(`[id="${await words.getAttribute("id")}"]`);
  await page.keyboard.press("Enter");
  await palette.waitFor({ state: "hidden" });
  const opened = page.locator("[role=dialog], [role=alertdialog]").first();
  await opened.waitFor();
  await quiet(page);
  await look();
  await page.keyboard.press("Escape");
  await opened.waitFor({ state: "hidden" });
}

/** Looks at one view after another, and tells at the end what axe found in all of them. */
export class Gaze {
  readonly #found: Record<string, string[]> = {};

  constructor(
    private readonly page: Page,
    private readonly name: string,
  ) {}

  /** What the page shows now. */
  async at(what: string): Promise<void> {
    this.#found[what] = await violations(this.page);
    await picture(this.page, `${this.name} ${what}`);
  }

  /** A menu that is open, and closes it. */
  async atMenu(what: string): Promise<void> {
    await this.page.getByRole("menu").waitFor();
    await this.at(what);
    await this.page.keyboard.press("Escape");
    await this.page.getByRole("menu").waitFor({ state: "hidden" });
  }

  /** Each menu that a button of the page opens. */
  async atMenus(what: string, fewest: number): Promise<void> {
    const buttons = this.page.locator(
      "button[aria-haspopup=menu]:visible:not([aria-disabled=true]):not(:disabled)",
    );
    await expect(buttons.nth(fewest - 1)).toBeVisible();
    for (const [index, button] of (await buttons.all()).entries()) {
      await button.click();
      await this.atMenu(`${what} menu ${index + 1}`);
    }
  }

  /** Closes the dialogs that are open, one by one. */
  async close(): Promise<void> {
    const dialogs = this.page.locator("[role=dialog], [role=alertdialog]");
    for (let left = await dialogs.count(); left > 0; left = await dialogs.count()) {
      await this.page.keyboard.press("Escape");
      await expect.poll(() => dialogs.count()).toBeLessThan(left);
    }
  }

  nothing(): void {
    const found = this.#found;
    expect(Object.values(found).flat(), JSON.stringify(found, null, 2)).toEqual([]);
  }
}

/**
 * How long a folder of small files takes to be uploaded, through Chromium beside the server, and the same when the
 * agent knows no request for several files, as one of an older version. How to run it: see `daily.bench.ts`.
 */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { FilePanel } from "../support/files";
import { expect, test } from "../support/test";
import { Workbench } from "../support/workbench";

/** How many files each folder has; fewer where each is a request. */
const TOGETHER = 5_000;
const ONE_BY_ONE = 1_000;

/** A small file, in bytes. */
const BYTES = 2_000;

/** A request for each must take longer than so many times what many in a request take. */
const FACTOR = 3;

let top: string;

test.beforeEach(async () => {
  top = await mkdtemp(path.join(tmpdir(), "atelier-bench-"));
});

test.afterEach(async () => {
  await rm(top, { recursive: true, force: true });
});

async function folderOf(name: string, files: number): Promise<string> {
  const folder = path.join(top, name);
  for (let index = 0; index < files; index += 1) {
    const directory = path.join(folder, `day-${index % 50}`);
    if (index < 50) await mkdir(directory, { recursive: true });
    await writeFile(path.join(directory, `file-${index}`), Buffer.alloc(BYTES, `${index} `));
  }
  return folder;
}

test("a folder of small files", async ({ owner, page }) => {
  test.setTimeout(600_000);
  expect(owner.url).toBeTruthy();
  const workbench = await Workbench.create(page, "many files", "empty");
  const files = new FilePanel(workbench);
  const upload = page.getByRole("region", { name: "Upload" });
  /** Milliseconds for each file. */
  const uploaded = async (name: string, count: number): Promise<number> => {
    const folder = await folderOf(name, count);
    const began = performance.now();
    await files.chooser("folder").setInputFiles(folder);
    await upload.getByText(/files are uploaded/).waitFor({ timeout: 300_000 });
    const took = (performance.now() - began) / count;
    await upload.getByRole("button", { name: "Dismiss" }).click();
    return took;
  };
  await uploaded("warm-up", 100);
  const together = await uploaded("together", TOGETHER);
  const unknown = { status: 404, code: "not_found", detail: "The agent has nothing there." };
  await page.route(/\/files\/batch/, (route) => route.fulfill({ status: 404, json: unknown }));
  const oneByOne = await uploaded("one-by-one", ONE_BY_ONE);
  process.stdout.write(
    `\n| ${TOGETHER} files of ${BYTES} bytes | ${together.toFixed(2)} ms each | ` +
      `${oneByOne.toFixed(2)} ms each, one by one (${ONE_BY_ONE}) |\n`,
  );
  expect(oneByOne).toBeGreaterThan(FACTOR * together);
});

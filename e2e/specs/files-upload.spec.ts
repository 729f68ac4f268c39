import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { FilePanel } from "../support/files";
import { Workbench } from "../support/workbench";
import { expect, test } from "../support/test";

/** So many files are in the folder that is uploaded. */
const MANY = 5_000;

/** So many may be on their way, four requests with 128 each, or have come and are not noted yet. */
const ON_THEIR_WAY = 2 * 512;

let folder: string;

test.beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "atelier-upload-"));
});

test.afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

test("an upload replaces only what was seen, and keeps both where it is told to", async ({
  owner,
  page,
}) => {
  expect(owner.url).toBeTruthy();
  const workbench = await Workbench.create(page, "uploads", "empty");
  const files = new FilePanel(workbench);
  await files.write({ "note.txt": "on disk", "other.txt": "other" });
  await files.row("note.txt").dblclick();
  await expect(workbench.editor).toContainText("on disk");
  const chosen = ["note.txt", "other.txt", "new.txt"].map((name) => path.join(folder, name));
  for (const file of chosen) await writeFile(file, `uploaded ${path.basename(file)}`);

  await files.chooser().setInputFiles(chosen.slice(0, 1));
  const upload = page.getByRole("region", { name: "Upload" });
  const question = upload.getByText("note.txt exists already.");
  await expect(question).toBeVisible();
  // Before it is answered, somebody saves another version.
  await workbench.editor.click();
  await page.keyboard.type("edited ");
  await page.keyboard.press("Control+S");
  await expect(page.getByText("Saved", { exact: true })).toBeVisible();
  const asked = page.waitForResponse((answer) => answer.status() === 412);
  await upload.getByRole("button", { name: "Replace" }).click();
  await asked;
  await expect(question).toBeVisible();
  expect(await files.content("note.txt")).toContain("edited");
  await upload.getByRole("button", { name: "Replace" }).click();
  await expect(workbench.editor).toContainText("uploaded note.txt");

  await files.chooser().setInputFiles(chosen.slice(1));
  await expect(files.row("new.txt")).toBeVisible();
  await upload.getByRole("button", { name: "Keep both" }).click();
  await expect(files.row("other (2).txt")).toBeVisible();
  expect(await files.content("other.txt")).toBe("other");
  expect(await files.content("other (2).txt")).toBe("uploaded other.txt");
});

test("files are dropped from the desktop", async ({ owner, page }) => {
  expect(owner.url).toBeTruthy();
  const workbench = await Workbench.create(page, "drops", "empty");
  const files = new FilePanel(workbench);
  await files.makeFolder("inbox");
  const data = await page.evaluateHandle(() => {
    const transfer = new DataTransfer();
    transfer.items.add(new File(["dropped"], "dropped.txt"));
    return transfer;
  });
  await files.row("inbox").dispatchEvent("dragover", { dataTransfer: data });
  await files.row("inbox").dispatchEvent("drop", { dataTransfer: data });
  await expect.poll(() => files.content("inbox/dropped.txt")).toBe("dropped");
});

test("a folder of thousands of files is cut in half by a reload, and goes on", async ({
  owner,
  page,
}) => {
  expect(owner.url).toBeTruthy();
  const workbench = await Workbench.create(page, "many files", "empty");
  const files = new FilePanel(workbench);
  const top = path.join(folder, "photos");
  for (let index = 0; index < MANY; index += 1) {
    const directory = path.join(top, `day-${index % 10}`);
    if (index < 10) await mkdir(directory, { recursive: true });
    await writeFile(path.join(directory, `image-${index}.txt`), `image ${index}`);
  }
  await writeFile(path.join(top, "film.bin"), Buffer.alloc(24 * 1024 * 1024, 7));

  let sent = 0;
  page.on("request", (request) => {
    const { pathname, searchParams } = new URL(request.url());
    if (pathname.endsWith("/files/batch")) sent += Number(searchParams.get("files"));
  });
  const chooser = () => files.chooser("folder");
  await chooser().setInputFiles(top);
  const upload = page.getByRole("region", { name: "Upload" });
  await expect.poll(() => sent, { intervals: [20] }).toBeGreaterThan(MANY / 2);
  await page.reload();
  await workbench.ready();
  const before = sent;
  expect(before).toBeLessThan(MANY);
  await expect(upload.getByText(/An upload was cut off/)).toBeVisible();
  await chooser().setInputFiles(top);
  // What was on its way has come, and the page was not told any more: it is the same, and nothing is asked.
  await expect(upload.getByText(/files are uploaded/)).toBeVisible();
  // What had come was not sent again, but for what was on its way.
  expect(sent - before).toBeLessThanOrEqual(MANY - before + ON_THEIR_WAY);
  await workbench.run("clear; find /workspace/photos -type f | wc -l", String(MANY + 1));
  await workbench.run("clear; stat -c %s /workspace/photos/film.bin", String(24 * 1024 * 1024));
  await expect(files.row("photos")).toBeVisible();
});

test("a large upload is paused, outlives the server, and ends whole", async ({ owner, page }) => {
  const workbench = await Workbench.create(page, "large", "empty");
  const files = new FilePanel(workbench);
  const film = path.join(folder, "film.bin");
  await writeFile(film, Buffer.alloc(48 * 1024 * 1024, 9));
  // One part is kept on its way, so that there is something to pause.
  let letGo = () => {};
  const held = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  let parts = 0;
  await page.route("**/files/uploads/*", async (route) => {
    if (route.request().method() === "PATCH") parts += 1;
    if (parts === 3) await held;
    await route.continue().catch(() => undefined);
  });
  await files.chooser().setInputFiles(film);
  const upload = page.getByRole("region", { name: "Upload" });
  await upload.getByRole("button", { name: "Pause upload" }).click();
  await expect(upload.getByText("Upload paused")).toBeVisible();
  letGo();
  await owner.kill();
  await owner.restart();
  await upload.getByRole("button", { name: "Resume upload" }).click();
  await expect(upload.getByText("1 file is uploaded")).toBeVisible({ timeout: 60_000 });
  await expect(files.row("film.bin")).toBeVisible();
  await workbench.run("clear; stat -c %s /workspace/film.bin", String(48 * 1024 * 1024));
});

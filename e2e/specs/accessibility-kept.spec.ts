import { execFile } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";
import type { Page } from "@playwright/test";
import { Gaze, MAIN_LOOKS, run, throughPalette, watch, wear, words } from "../support/looks";
import { workspaceOf } from "../support/ports";
import { expect, test } from "../support/test";
import { Workbench } from "../support/workbench";

test.use({ actionTimeout: 40_000 });

/** The second organization's name. */
const OTHER = "Workshop of the longer name";

/** A second organization of the same people: no server makes one yet, but each shows what it has. */
async function found(dataDir: string): Promise<void> {
  const program = `
import sqlite3, sys
db = sqlite3.connect(sys.argv[1], timeout=10)
[first] = [row[0] for row in db.execute("SELECT id FROM organizations")]
other = first[:-4] + ("zzzz" if first.islower() else "ZZZZ")
db.execute("INSERT INTO organizations (id, name, created_at) VALUES (?, ?, 1)", (other, sys.argv[2]))
db.execute("INSERT INTO members SELECT ?, account_id, role, joined_at FROM members", (other,))
db.commit()
`;
  await promisify(execFile)("python3", ["-c", program, path.join(dataDir, "atelier.db"), OTHER]);
}

/** Sends what the page would. */
async function post(page: Page, path: string, data: object): Promise<Record<string, string>> {
  const origin = new URL(page.url()).origin;
  const answer = await page.request.post(path, { data, headers: { "atelier-csrf": "1", origin } });
  expect(answer.ok(), await answer.text()).toBe(true);
  return (await answer.json().catch(() => ({}))) as Record<string, string>;
}

/** A workspace that cannot be cloned. */
async function failed(page: Page, name: string): Promise<string> {
  const me = await page.request.get("/api/v1/me");
  const { memberships } = (await me.json()) as { memberships: { organization_id: string }[] };
  const list = `/api/v1/organizations/${memberships[0]?.organization_id}/workspaces`;
  const { id = "" } = await post(page, list, { name, source: { kind: "git", url: "http://127.0.0.1:1/none.git" } });
  const state = async () => {
    const answer = await page.request.get(`/api/v1/workspaces/${id}`);
    return ((await answer.json()) as { state: string }).state;
  };
  await expect.poll(state).toBe("failed");
  return id;
}

/** What is kept of a terminal, and looked for in it. */
async function atTerminals(page: Page, gaze: Gaze, language: string): Promise<void> {
  const { panes, player, recordings, share } = words("terminals", language);
  const { terminal } = words("workbench", language);
  const front = page.getByRole("dialog").last();
  await throughPalette(page, share.open, async () => {
    await front.locator("select").first().selectOption("write");
    await front.getByRole("button", { name: share.create }).click();
    await front.getByLabel(share.link, { exact: true }).waitFor();
    await gaze.at("share with a link");
  });
  await throughPalette(page, recordings.open, async () => {
    await front.getByRole("listitem").first().waitFor();
    await gaze.at("recordings");
    await front.getByRole("button", { name: recordings.delete.split("{{")[0].trim() }).click();
    await page.getByRole("alertdialog").waitFor();
    await gaze.at("delete a recording");
    await page.keyboard.press("Escape");
    await page.getByRole("alertdialog").waitFor({ state: "hidden" });
    await front.getByRole("button", { name: recordings.watch.split("{{")[0].trim() }).click();
    const film = front.getByRole("group", { name: player.label });
    await film.locator(".xterm").waitFor();
    // To its end, where all that was printed is there.
    await film.getByLabel(player.position).press("End");
    await expect(film.locator(".xterm-rows")).toContainText("remember-7");
    await gaze.at("a recording that is watched");
    await page.keyboard.press("Escape");
    await front.getByRole("listitem").first().waitFor();
  });
  await run(page, terminal.rename);
  await page.getByLabel(terminal.name).waitFor();
  await gaze.at("new name of a terminal");
  await page.keyboard.press("Escape");
  // On a phone they stand one behind the other.
  const shown = (page.viewportSize()?.width ?? 0) < 768 ? 1 : 2;
  await run(page, panes.splitEnd);
  await expect(page.getByRole("tab", { name: "Terminal 2" })).toBeVisible();
  await expect(page.locator(".xterm:visible")).toHaveCount(shown);
  await run(page, terminal.findLong);
  await page.getByRole("textbox", { name: terminal.find, exact: true }).fill("remember");
  await gaze.at("two terminals and a search");
  await page.keyboard.press("Escape");
}

/** What is said of workspaces that failed or are gone. */
async function atWorkspaces(page: Page, gaze: Gaze, language: string, broken: string, gone: string): Promise<void> {
  const { notRunning } = words("workbench", language);
  await page.goto("/");
  await page.getByRole("article").nth(1).waitFor();
  await gaze.at("card of a failed workspace");
  await page.keyboard.press("Control+Shift+O");
  await page.getByRole("dialog").getByRole("option").nth(1).waitFor();
  await gaze.at("switcher");
  await gaze.close();
  const { organization } = words("common", language);
  const label = organization.switch.replace("{{name}}", "Workshop");
  await page.getByRole("button", { name: label }).click();
  await gaze.atMenu("organizations");
  await run(page, organization.switchTo.replace("{{name}}", OTHER));
  await page.getByRole("button", { name: organization.switch.replace("{{name}}", OTHER) }).waitFor();
  await gaze.at("an organization without workspaces");
  await run(page, organization.switchTo.replace("{{name}}", "Workshop"));
  await page.getByRole("button", { name: label }).waitFor();
  await page.goto("/?view=deleted");
  await page.getByRole("article").waitFor();
  await gaze.at("deleted workspaces");
  for (const [id, state] of [[broken, "failed"], [gone, "deleted"]] as const) {
    await page.goto(`/workspaces/${id}`);
    await page.getByRole("heading", { name: notRunning.title[state] }).waitFor();
    await gaze.at(`${state} workspace`);
  }
}

test("axe finds nothing on what others see of a workspace, and on what is kept of it", async ({
  owner,
  page,
  browser,
}) => {
  test.slow();
  await watch(page);
  const workbench = await Workbench.create(page, "looks", "empty");
  const address = page.url();
  const workspace = `/api/v1/workspaces/${workspaceOf(page)}`;
  const broken = await failed(page, "broken");
  const gone = await failed(page, "gone");
  await page.request.delete(`/api/v1/workspaces/${gone}`, { headers: { "atelier-csrf": "1", origin: owner.url } });

  const list = await page.request.get(`${workspace}/terminals`);
  const [terminal] = ((await list.json()) as { items: { id: string }[] }).items;
  const shares = `${workspace}/terminals/${terminal?.id}/shares`;
  const expired = await post(page, shares, { access: "read", expires_in_s: 60 });
  const revoked = await post(page, shares, { access: "read" });
  await post(page, `${workspace}/terminal-shares/${(revoked.share as unknown as { id: string }).id}/revoke`, {});
  const { begin, end } = words("terminals", "en").recordings;
  await run(page, begin);
  await workbench.run("echo remember-$((3+4))", "remember-7");
  await run(page, end);

  const me = await page.request.get("/api/v1/me");
  const { memberships } = (await me.json()) as { memberships: { organization_id: string }[] };
  const grace = { email: "grace@example.com", password: "eleven amber kites aloft" };
  const members = `/api/v1/organizations/${memberships[0]?.organization_id}/members`;
  await post(page, members, { ...grace, name: "Grace", role: "member" });
  await owner.stop();
  await found(owner.dataDir);
  await owner.restart();
  const context = await browser.newContext({ locale: "en-US", baseURL: owner.url });
  const other = await context.newPage();
  await watch(other);
  await other.goto("/sign-in");
  const guest = await (await browser.newContext({ locale: "en-US", baseURL: owner.url })).newPage();
  await watch(guest);
  await guest.goto("/sign-in");

  for (const look of MAIN_LOOKS) {
    const { shared } = words("terminals", look.language);
    await wear(page, look);
    const gaze = new Gaze(page, `${look.name} kept`);
    await page.locator(".xterm:visible, [role=tree]:visible").first().waitFor();
    await atTerminals(page, gaze, look.language);
    await atWorkspaces(page, gaze, look.language, broken, gone);
    gaze.nothing();

    await wear(other, look);
    const others = new Gaze(other, `${look.name} kept`);
    if (other.url().endsWith("/sign-in")) {
      await other.locator("input[type=email]").fill(grace.email);
      await other.locator("input[type=password]").fill("wrong");
      await other.locator("button[type=submit]").click();
      await other.getByRole("alert").waitFor();
      await others.at("wrong password");
      await other.locator("input[type=password]").fill(grace.password);
      await other.locator("button[type=submit]").click();
      await other.getByRole("navigation").first().waitFor();
    }
    await other.goto(address);
    await other.getByRole("heading", { name: words("workbench", look.language).access.title }).waitFor();
    await others.at("no access");
    others.nothing();

    await wear(guest, look);
    const guests = new Gaze(guest, `${look.name} kept`);
    // The first good minute of the other link is over by the second look.
    const fate = look === MAIN_LOOKS[0] ? "revoked" : "expired";
    await expect(async () => {
      await guest.goto((fate === "revoked" ? revoked : expired).path ?? "");
      await guest.getByRole("heading", { name: shared[fate] }).waitFor({ timeout: 2_000 });
    }).toPass({ timeout: 70_000 });
    await guests.at(`${fate} link`);
    guests.nothing();

    // A page that has lost the control plane says so.
    await page.goto(address);
    await page.locator(".xterm:visible, [role=tree]:visible").first().waitFor();
    const alone = new Gaze(page, `${look.name} kept`);
    await owner.kill();
    await page.getByText(words("common", look.language).connection.retryNow).first().waitFor();
    await alone.at("without the control plane");
    const { history } = words("terminals", look.language);
    await run(page, history.open);
    await page.getByRole("heading", { name: words("common", look.language).error.title }).waitFor();
    await alone.at("a page that cannot be shown");
    alone.nothing();
    await owner.restart();
    // It comes back by itself.
    await page.locator(".xterm:visible, [role=tree]:visible").first().waitFor({ timeout: 60_000 });
    await page.getByText(words("common", look.language).connection.retryNow).first().waitFor({ state: "hidden" });
  }
});

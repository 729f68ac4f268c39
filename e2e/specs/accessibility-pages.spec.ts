import type { Page } from "@playwright/test";
import { Gaze, MAIN_LOOKS, throughPalette, watch, wear, words } from "../support/looks";
import { expect, test } from "../support/test";
import { Workbench } from "../support/workbench";

test.use({ actionTimeout: 40_000 });

/** The dialog in front. */
function front(page: Page) {
  return page.locator("[role=dialog], [role=alertdialog]").last();
}

/** An action by its title. */
async function run(page: Page, title: string): Promise<void> {
  await page.keyboard.press("F1");
  await page.locator("[cmdk-input]").fill(title);
  await page.keyboard.press("Enter");
  await page.locator("[cmdk-input]").waitFor({ state: "hidden" });
}

/** Sends the form of the dialog in front. */
async function send(page: Page): Promise<void> {
  await front(page).locator("button[type=submit]").click();
}

/** A job's and a schedule's dialogs, their lists, and the job's own page. */
async function atJobs(page: Page, gaze: Gaze, language: string): Promise<void> {
  const { schedule } = words("jobs", language);
  const fill = async () => {
    await front(page).locator("textarea[name=command]").fill("printf '\\033[31mred\\033[0m\\n'; exit 3");
    await front(page).locator("input[type=checkbox]").first().check();
  };
  await page.goto("/jobs?tab=schedules&add=true");
  await front(page).locator("input[name=name]").fill("Every night");
  await fill();
  await gaze.at("schedule dialog");
  await send(page);
  await front(page).waitFor({ state: "hidden" });
  await page.getByText("Every night").first().waitFor();
  await gaze.at("schedules");
  const remove = schedule.deleteOf.replace("{{name}}", "Every night");
  await throughPalette(page, remove, () => gaze.at("delete a schedule"));
  await page.goto("/jobs?add=true");
  await front(page).locator("textarea[name=command]").waitFor();
  await send(page);
  await front(page).locator("[aria-invalid=true]").first().waitFor();
  await gaze.at("job dialog with mistakes");
  await fill();
  await send(page);
  await expect(page.getByRole("log")).toContainText("red");
  await gaze.at("job");
  await page.goto("/jobs");
  await page.getByRole("main").locator("a[href^='/jobs/']").first().waitFor();
  await gaze.at("jobs");
}

/** The ways in which a machine joins, and what is done to one. */
async function atServers(page: Page, gaze: Gaze, language: string): Promise<void> {
  const servers = words("servers", language);
  await page.goto("/servers?add=true");
  await front(page).locator("input[name=name]").fill("bench");
  await gaze.at("add server dialog");
  await send(page);
  await front(page).getByLabel(servers.join.command).waitFor();
  await gaze.at("join dialog");
  await gaze.close();
  await page.getByText(servers.pending.show).waitFor();
  await gaze.atMenus("servers", 2);
  await throughPalette(page, servers.rollout.open, () => gaze.at("rollout dialog"));
  await page.getByRole("main").locator("[aria-haspopup=menu]").first().click();
  await page.getByRole("menuitem", { name: servers.menu.edit }).click();
  await front(page).locator("input[name=name]").waitFor();
  await gaze.at("server dialog");
  await gaze.close();
  await page.getByRole("main").locator("a[href^='/servers/node_']").first().click();
  await page.locator("[data-tab]").first().waitFor();
  await page.goto(`${new URL(page.url()).pathname}?tab=processes`);
  await page.getByRole("button", { name: servers.processes.start }).click();
  await front(page).locator("input[name=command]").fill("echo started; sleep 600");
  await gaze.at("process dialog");
  await send(page);
  await front(page).waitFor({ state: "hidden" });
  const process = page.getByRole("main").locator("li [aria-expanded=false]").first();
  await process.click();
  await expect(page.getByRole("log")).toContainText("started");
  await gaze.at("process");
  await page.getByRole("main").locator("li [aria-haspopup=menu]").first().click();
  await gaze.atMenu("process menu");
  const label = await page.getByRole("main").locator("li [aria-expanded]").first().getAttribute("aria-label");
  const named = (title: string) => title.replace("{{pid}}", /\d+/.exec(label ?? "")?.[0] ?? "");
  await throughPalette(page, named(servers.processes.remove), () => gaze.at("question"));
  await run(page, `${named(servers.processes.signal)}: SIGKILL`);
  await expect(page.getByRole("main").getByText(servers.processes.killed.split("{{")[0].trim())).toBeVisible();
  await run(page, named(servers.processes.remove));
  await page.getByText(servers.processes.none).waitFor();
}

/** People, what they are at Git hosts, and their tokens. */
async function atPeople(page: Page, gaze: Gaze, language: string): Promise<void> {
  const { tokens, gitCredentials } = words("settings", language);
  await page.goto("/members");
  await page.getByRole("main").getByRole("table").waitFor();
  await page.getByRole("button", { name: words("organization", language).members.create }).click();
  await front(page).locator("input[name=name]").fill("Grace Member");
  await gaze.at("member dialog");
  await front(page).locator("input[name=email]").fill("grace@example.com");
  await front(page).locator("input[name=password]").fill("eleven amber kites aloft");
  await send(page);
  await front(page).waitFor({ state: "hidden" });
  await page.getByText("Grace Member").first().waitFor();
  await gaze.at("members");
  const { members } = words("organization", language);
  const { role } = words("common", language);
  const her = members.roleOf.replace("{{name}}", "Grace Member");
  await run(page, `${her}: ${role.viewer}`);
  await expect(page.getByLabel(her)).toHaveValue("viewer");
  const remove = members.removeNamed.replace("{{name}}", "Grace Member");
  await throughPalette(page, remove, () => gaze.at("remove a member"));
  await page.goto("/settings");
  await page.getByRole("button", { name: gitCredentials.add }).click();
  await front(page).locator("input[name=url]").fill("https://git.example.com");
  await gaze.at("Git credentials dialog");
  await gaze.close();
  await page.getByRole("button", { name: tokens.create }).click();
  await front(page).locator("input[name=name]").fill("script");
  await gaze.at("token dialog");
  await send(page);
  await front(page).locator("input[readonly]").waitFor();
  await gaze.at("token");
  await gaze.close();
  const revoke = tokens.revokeNamed.replace("{{name}}", "script");
  await throughPalette(page, revoke, () => gaze.at("revoke a token"));
  await page.goto("/audit");
  await page.getByRole("main").locator("[aria-expanded=false]").first().click();
  await gaze.at("audit entry");
}

for (const look of MAIN_LOOKS) {
  test(`axe finds nothing on the dialogs of an organization: ${look.name}`, async ({ owner, page }) => {
    test.slow();
    await watch(page);
    await page.goto(owner.url);
    await wear(page, look);
    const gaze = new Gaze(page, `${look.name} page`);
    await atJobs(page, gaze, look.language);
    await atServers(page, gaze, look.language);
    await atPeople(page, gaze, look.language);
    await page.goto("/nothing/here");
    await page.getByRole("heading", { level: 1 }).waitFor();
    await gaze.at("no such page");
    gaze.nothing();
  });
}

for (const look of MAIN_LOOKS) {
  test(`axe finds nothing on workspaces' cards and a clone: ${look.name}`, async ({
    owner,
    page,
    gitServer,
    sshServer,
  }) => {
    test.slow();
    expect(owner.url).toBeTruthy();
    await watch(page);
    await Workbench.create(page, "looks", "empty");
    const workspace = page.url();
    await wear(page, look);
    const gaze = new Gaze(page, `${look.name} workspaces`);
    const common = words("common", look.language);
    const workspaces = words("workspaces", look.language);
    const { clone } = words("repositories", look.language);
    const ssh = words("ssh", look.language);

    await page.goto("/");
    await page.getByRole("article").waitFor();
    await gaze.atMenus("dashboard", 2);
    await page.getByRole("article").locator("[aria-haspopup=menu]").click();
    await page.getByRole("menuitem", { name: common.action.rename }).click();
    await front(page).locator("input").waitFor();
    await gaze.at("rename dialog");
    await gaze.close();
    await throughPalette(page, workspaces.create.open, () => gaze.at("new workspace"));

    // A host that wants a password, then one that nobody knows, and at last one that has changed.
    const url = await gitServer.createRepository("shared", { "a.txt": "one\n" });
    gitServer.options = { credentials: { user: "ada", password: "s3cret" } };
    await page.goto("/repositories");
    await page.getByRole("button", { name: clone.action }).first().click();
    await front(page).getByLabel(clone.url).fill(url);
    await expect(front(page).locator("select")).not.toHaveValue("");
    await gaze.at("clone dialog");
    await send(page);
    await front(page).getByLabel(clone.secret, { exact: true }).waitFor();
    await gaze.at("clone with a password");
    const secret = await sshServer.createRepository("numbers", "a.txt", "one\n");
    await front(page).getByLabel(clone.url).fill(secret);
    await send(page);
    await page.getByText(await sshServer.fingerprint(), { exact: true }).waitFor();
    await gaze.at("unknown host");
    await front(page).getByRole("button", { name: ssh.unknown.trust }).click();
    // No key is let in: the clone fails, and the dialog stays.
    await expect(page.getByRole("dialog")).toHaveCount(1);
    await front(page).getByRole("alert").waitFor();
    await gaze.at("clone refused");
    const other = await sshServer.changeHostKey();
    await send(page);
    await page.getByText(other, { exact: true }).waitFor();
    await gaze.at("changed host");
    await gaze.close();

    await page.goto("/");
    const stop = workspaces.command.stop.replace("{{name}}", "looks");
    await page.getByRole("button", { name: stop }).click();
    const start = workspaces.command.start.replace("{{name}}", "looks");
    await page.getByRole("button", { name: start }).waitFor();
    await gaze.at("stopped card");
    await page.goto(workspace);
    await page.getByRole("main").getByRole("button").first().waitFor();
    await gaze.at("stopped workspace");
    gaze.nothing();
  });
}

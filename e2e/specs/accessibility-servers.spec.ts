import type { Page } from "@playwright/test";
import { Gaze, MAIN_LOOKS, quiet, throughPalette, watch, wear, words } from "../support/looks";
import { RemoteMachine } from "../support/remote";
import type { AtelierServer } from "../support/server";
import { expect, test } from "../support/test";

test.use({ actionTimeout: 40_000 });

/** What stands in the address of the organization's own things. */
async function organization(page: Page): Promise<string> {
  const me = await page.request.get("/api/v1/me");
  const { memberships } = (await me.json()) as { memberships: { organization_id: string }[] };
  return `/api/v1/organizations/${memberships[0]?.organization_id}`;
}

async function make(page: Page, owner: AtelierServer, path: string, data: object): Promise<string> {
  const headers = { "atelier-csrf": "1", origin: owner.url };
  const answer = await page.request.post(path, { data, headers });
  expect(answer.ok(), await answer.text()).toBe(true);
  return ((await answer.json()) as { id: string }).id;
}

/** An update that waits for the server to come back. */
async function atRollout(page: Page, gaze: Gaze, language: string): Promise<void> {
  const { rollout } = words("servers", language);
  await page.goto("/servers");
  const panel = page.getByRole("region", { name: rollout.title });
  await panel.getByRole("button", { name: rollout.servers }).click();
  await panel.getByRole("listitem").nth(1).waitFor();
  await gaze.at("rollout");
  await panel.getByRole("button", { name: rollout.pause }).click();
  await panel.getByText(rollout.state.paused).waitFor();
  await gaze.at("rollout that is paused");
  await panel.getByRole("button", { name: rollout.resume }).click();
  await panel.getByText(rollout.state.running).waitFor();
  await throughPalette(page, `${rollout.title}: ${rollout.abort}`, () => gaze.at("end of a rollout"));
}

/** What is asked before a server goes, or comes again: by the palette, which has what the menu has. */
async function atActions(page: Page, gaze: Gaze, language: string, name: string): Promise<void> {
  const { menu } = words("servers", language);
  const dialog = page.getByRole("dialog");
  await throughPalette(page, `${menu.remove}: ${name}`, async () => {
    await gaze.at("remove");
    await dialog.getByRole("textbox").fill(name);
    await gaze.at("remove with its name");
  });
  await throughPalette(page, `${menu.rejoin}: ${name}`, () => gaze.at("join again"));
}

test("axe finds nothing on a server that joined, and on what waits for a person", async ({ owner, page }) => {
  test.slow();
  const machine = await RemoteMachine.start([owner.port]);
  try {
    await watch(page);
    await owner.join(machine);
    const place = await organization(page);
    const nodes = (await (await page.request.get(`${place}/nodes`)).json()) as {
      items: { id: string; name: string; local: boolean }[];
    };
    const bench = nodes.items.find(({ local }) => !local);
    if (!bench) throw new Error("no server joined");
    const job = await make(page, owner, `${place}/node-jobs`, {
      nodes: [bench.id],
      command: "python3 -c 'print(1)'",
    });
    await page.goto(`/servers/${bench.id}`);
    for (const look of MAIN_LOOKS) {
      await wear(page, look);
      const gaze = new Gaze(page, `${look.name} joined`);
      await page.getByRole("table").waitFor();
      await gaze.at("online");
      gaze.nothing();
    }
    await machine.killDaemon();
    const rollout = await make(page, owner, `${place}/node-rollouts`, {
      all: true,
      wait_for_offline: true,
    });
    for (const look of MAIN_LOOKS) {
      await wear(page, look);
      const gaze = new Gaze(page, `${look.name} joined`);
      await atRollout(page, gaze, look.language);
      await atActions(page, gaze, look.language, bench.name);
      for (const tab of ["overview", "files"]) {
        await page.goto(`/servers/${bench.id}?tab=${tab}`);
        await page.getByText(words("servers", look.language).notice.offlineHelp).waitFor();
        await quiet(page);
        await gaze.at(`offline ${tab}`);
      }
      await page.goto(`/servers/${bench.id}?tab=events`);
      const { connection } = words("servers", look.language);
      // Written within ten seconds, and then looked for.
      const changes = page.getByRole("list", { name: connection.title }).getByRole("listitem");
      await expect(changes).toContainText([connection.down, connection.up], { timeout: 30_000 });
      // A daemon that is killed says no goodbye.
      await expect(changes.first()).toContainText(connection.reason.failed);
      await quiet(page);
      await gaze.at("offline events");
      await page.goto(`/jobs/${job}`);
      await page.getByText(words("jobs", look.language).approval.title).waitFor();
      await gaze.at("approval");
      await page.goto("/jobs");
      await page.getByRole("main").locator(`a[href='/jobs/${job}']`).first().waitFor();
      await gaze.at("jobs");
      gaze.nothing();
    }
    await make(page, owner, `/api/v1/node-rollouts/${rollout}/abort`, {});
    const { language = "en" } = MAIN_LOOKS.at(-1) ?? {};
    await page.goto("/servers");
    await page.getByText(words("servers", language).rollout.state.aborted).waitFor();
    const gaze = new Gaze(page, "joined");
    await gaze.at("rollout that was ended");
    gaze.nothing();
    const { approval, state } = words("jobs", language);
    await page.goto(`/jobs/${job}`);
    await page.getByText(approval.title).waitFor();
    await page.keyboard.press("F1");
    await page.locator("[cmdk-input]").fill(approval.refuse);
    await page.keyboard.press("Enter");
    await page.getByText(state.refused).first().waitFor();
  } finally {
    await machine.dispose();
  }
});

import { expect, test } from "../support/test";
import { Workbench } from "../support/workbench";

test("repositories are seen over all workspaces, pulled, and cloned into another one", async ({
  owner,
  page,
  gitServer,
}) => {
  expect(owner.url).toBeTruthy();
  const url = await gitServer.createRepository("shared", { "a.txt": "one\n" });
  const workbench = await Workbench.create(page, "alpha", { git: url });
  await workbench.run("echo two >> shared/a.txt && echo REA''DY", "READY");
  await Workbench.create(page, "beta", "empty");

  await page.keyboard.press("F1");
  await page.getByRole("dialog").getByRole("combobox").fill("Repositories");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "Repositories" })).toBeVisible();
  await page.getByRole("button", { name: "Look again" }).click();
  const row = page.getByRole("row").filter({ hasText: "alpha" });
  await expect(row.getByText("shared", { exact: true })).toBeVisible();
  await expect(row.getByText("1 change")).toBeVisible();
  await expect(row.getByText("First commit")).toBeVisible();
  await expect(row.getByText("main")).toBeVisible();

  await row.getByRole("button", { name: "Pull shared in alpha" }).click();
  await expect(page.getByText("Pulled")).toBeVisible();

  // The host wants credentials now: the dialog asks for them, and they go with this clone alone.
  gitServer.options = { credentials: { user: "ada", password: "s3cret" } };
  await row.getByRole("button", { name: "Clone shared into a workspace" }).click();
  const clone = page.getByRole("dialog", { name: "Clone a repository" });
  await expect(clone.getByLabel("Address")).toHaveValue(url);
  await clone.getByLabel("Workspace").selectOption("beta");
  await clone.getByRole("button", { name: "Clone", exact: true }).click();
  await clone.getByLabel("User name").fill("ada");
  await clone.getByLabel("Password or token").fill("s3cret");
  await clone.getByRole("button", { name: "Clone", exact: true }).click();
  await expect(page).toHaveURL(/\/workspaces\/ws_/);

  await page.goto("/repositories");
  await expect(page.getByRole("row").filter({ hasText: "beta" })).toBeVisible();
  await page.getByRole("searchbox").fill("beta");
  await expect(page.getByRole("row").filter({ hasText: "alpha" })).toHaveCount(0);
  await expect(page).toHaveURL(/q=beta/);
});

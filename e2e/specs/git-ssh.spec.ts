import { expect, test } from "../support/test";
import { picture } from "../support/looks";
import { Workbench } from "../support/workbench";

test("a key is made, a host trusted by what it shows, and a changed host refused", async ({
  owner,
  page,
  sshServer,
}) => {
  expect(owner.url).toBeTruthy();
  const url = await sshServer.createRepository("numbers", "a.txt", "one\n");
  const workbench = await Workbench.create(page, "ssh", "empty");
  const dialog = (name: string) => page.getByRole("dialog", { name });

  // There is no repository yet, and a key can be made all the same.
  await page.keyboard.press("F1");
  await page.getByRole("dialog").getByRole("combobox").fill("SSH keys and known hosts");
  await page.keyboard.press("Enter");
  const ssh = dialog("SSH keys and known hosts");
  await ssh.getByRole("button", { name: "Make a key" }).click();
  const key = ssh.getByLabel("Public key id_ed25519", { exact: true });
  await expect(key).toHaveValue(/^ssh-ed25519 AAAA/);
  await picture(page, "SSH a key");
  await sshServer.letIn(await key.inputValue());
  await page.keyboard.press("Escape");
  await expect(ssh).toBeHidden();

  await workbench.run(
    "git config --global user.name Ada && git config --global user.email ada@example.com && " +
      `git init -qb main && git remote add origin ${url} && echo READ''Y`,
    "READY",
  );
  // The dialog has brought the Git view with it.
  const panel = page.getByRole("region", { name: "Git" });
  await panel.getByRole("button", { name: "Fetch" }).click();
  const unknown = dialog(`First connection to ${sshServer.host}`);
  await expect(unknown.getByText(await sshServer.fingerprint())).toBeVisible();
  await picture(page, "SSH unknown host");
  await unknown.getByRole("button", { name: "Trust and go on" }).click();
  await expect(page.getByText("Fetched")).toBeVisible();
  await workbench.run("git reset -q --hard origin/main && cat a.txt && echo RES''ET", "RESET");

  // Another host stands there now.
  const old = await sshServer.fingerprint();
  const other = await sshServer.changeHostKey();
  await panel.getByRole("button", { name: "Fetch" }).click();
  const changed = dialog(`The key of ${sshServer.host} has changed`);
  await expect(changed.getByText(old)).toBeVisible();
  await expect(changed.getByText(other)).toBeVisible();
  await expect(changed.getByRole("button", { name: /trust/i })).toHaveCount(0);
  await picture(page, "SSH changed host");
  await changed.getByRole("button", { name: "Show the known hosts" }).click();
  await ssh.getByRole("button", { name: `Delete ${sshServer.host}` }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Delete" }).click();
  await expect(ssh.getByText("Nothing is known of this host.")).toBeVisible();
  await page.keyboard.press("Escape");
  await panel.getByRole("button", { name: "Fetch" }).click();
  await expect(unknown.getByText(other)).toBeVisible();
  await unknown.getByRole("button", { name: "Trust and go on" }).click();
  await expect(unknown).toBeHidden();
  await expect(page.getByText("Fetched").first()).toBeVisible();
});

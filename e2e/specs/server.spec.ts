import { expect, test } from "../support/test";

// What the fixtures promise to all other specs.

test("a killed server comes back on the same port with the same data", async ({ server }) => {
  const cookie = await server.setUp();
  const address = server.url;
  await server.kill();
  await expect(fetch(`${address}/healthz`)).rejects.toThrow();
  await server.restart();
  expect(server.url).toBe(address);
  const answer = await fetch(`${address}/api/v1/me`, { headers: { cookie } });
  expect(answer.status).toBe(200);
  expect(server.output).not.toContain("/setup#token=");
});

test("the owner's browser is signed in", async ({ owner, page }) => {
  const answer = await page.goto("/");
  expect(answer?.url()).toBe(`${owner.url}/`);
  await expect(page.getByRole("navigation").first()).toBeVisible();
  await expect(page).not.toHaveURL(/sign-in|setup/);
});

import { createServer } from "node:net";
import type { FrameLocator, Locator, Page } from "@playwright/test";

/** A port that nobody listens on. Workspaces of one machine share its ports. */
export async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      const port = typeof address === "object" && address ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}

/** The workspace that a page shows. */
export function workspaceOf(page: Page): string {
  return /workspaces\/([^/?]+)/.exec(page.url())?.[1] ?? "";
}

/** Writes a file of the workspace through the API. */
export async function write(page: Page, file: string, content: string): Promise<void> {
  const query = new URLSearchParams({ path: file });
  const url = `/api/v1/workspaces/${workspaceOf(page)}/files/content?${query}`;
  const headers = {
    "atelier-csrf": "1",
    "if-match": "*",
    origin: new URL(page.url()).origin,
    "content-type": "application/octet-stream",
  };
  const answer = await page.request.put(url, { data: Buffer.from(content), headers });
  if (answer.ok()) return;
  const fresh = { ...headers, "if-none-match": "*" } as Record<string, string>;
  delete fresh["if-match"];
  const made = await page.request.put(url, { data: Buffer.from(content), headers: fresh });
  if (!made.ok()) throw new Error(`${file} was not written: ${await made.text()}`);
}

/** Opens a port, by the kind of address that is wanted, for a page of its own. */
export async function entry(
  page: Page,
  port: number,
  addressing: "host" | "path",
  path = "/",
): Promise<string> {
  const answer = await page.request.post(
    `/api/v1/workspaces/${workspaceOf(page)}/ports/${port}/open`,
    {
      data: { addressing, path },
      headers: { "atelier-csrf": "1", origin: new URL(page.url()).origin },
    },
  );
  if (!answer.ok()) throw new Error(`the port was not opened: ${await answer.text()}`);
  return ((await answer.json()) as { url: string }).url;
}

/** The list of ports. */
export function portRow(page: Page, port: number): Locator {
  return page.getByRole("listitem", { name: `Port ${port}`, exact: true });
}

/** What the preview of a port shows. */
export function preview(page: Page, port: number): FrameLocator {
  return page.getByRole("region", { name: `Preview of port ${port}` }).frameLocator("iframe");
}

import { describe, expect, it } from "vitest";
import type { CompletionItem } from "vscode-languageserver-protocol";
import { CompletionList } from "./completion-list";

const PARAMS = { textDocument: { uri: "file:///a.ts" }, position: { line: 0, character: 1 } };

/** A server that remembers what it said last, and numbers it anew each time. */
function forgetful(sources: string[]) {
  const asked: string[] = [];
  let lists = 0;
  const client = {
    async ask<Result>(method: string, params: unknown): Promise<Result | null> {
      asked.push(method);
      if (method === "textDocument/completion") {
        lists += 1;
        const items = sources.map((description, at) => ({
          label: "greet",
          labelDetails: { description },
          data: `${lists}:${at}`,
        }));
        return items as Result;
      }
      const item = params as CompletionItem;
      const [list, at] = String(item.data).split(":").map(Number);
      return (list === lists ? { ...item, detail: `from ${sources[at ?? 0]}` } : item) as Result;
    },
  };
  return { client, asked };
}

describe("CompletionList", () => {
  it("resolves what was asked for last without asking again", async () => {
    const { client, asked } = forgetful(["./a"]);
    const list = new CompletionList(client, PARAMS);
    expect(await list.ask()).toBe(true);
    const [item] = list.items as [CompletionItem];
    expect((await list.resolve(item)).detail).toBe("from ./a");
    expect(asked).toHaveLength(2);
  });

  it("asks again for an item that the server has forgotten", async () => {
    const { client, asked } = forgetful(["./a", "./b"]);
    const shown = new CompletionList(client, PARAMS);
    await shown.ask();
    await new CompletionList(client, PARAMS).ask();
    const [first, second] = shown.items as [CompletionItem, CompletionItem];
    expect((await shown.resolve(second)).detail).toBe("from ./b");
    // It is the last one now, also for its other items.
    expect((await shown.resolve(first)).detail).toBe("from ./a");
    expect(asked.filter((method) => method === "textDocument/completion")).toHaveLength(3);
  });

  it("keeps an item that is not there any more as it was", async () => {
    const { client } = forgetful([]);
    const list = new CompletionList(client, PARAMS);
    await list.ask();
    const gone = { label: "gone", data: "0:0" };
    expect(await list.resolve(gone)).toEqual(gone);
  });
});

import { afterEach, expect, it, vi } from "vitest";
import { serve } from "@/testing/server";
import { chooseForEach, useConflict } from "./conflict";
import { chunks, transfer, useTransfer } from "./transfer";

afterEach(() => vi.restoreAllMocks());

const TRANSFER = "POST /api/v1/workspaces/ws_1/files/transfer";

/** An answer line by line, cut where no line ends. */
function lines(...messages: object[]): Response {
  const text = messages.map((message) => `${JSON.stringify(message)}\n`).join("");
  const half = Math.floor(text.length / 2);
  const bytes = new TextEncoder();
  return new Response(
    new ReadableStream({
      start(controller) {
        controller.enqueue(bytes.encode(text.slice(0, half)));
        controller.enqueue(bytes.encode(text.slice(half)));
        controller.close();
      },
    }),
  );
}

const done = (path: string, to: string) => ({
  type: "entry",
  path,
  outcome: "done",
  entry: { name: to, path: to, kind: "file", size: 1, modified_at: 0, mode: 420 },
});
const taken = (path: string) => ({
  type: "entry",
  path,
  outcome: "failed",
  problem: { code: "name_taken", status: 409, title: "Name taken", detail: "It exists already." },
});

it("asks where a name is taken, and sends only that again", async () => {
  const answers = [
    lines(done("a", "to/a"), taken("b"), taken("c"), { type: "end" }),
    lines(done("b", "to/b (2)"), done("c", "to/c (2)"), { type: "end" }),
  ];
  const calls = serve({ [TRANSFER]: () => answers.shift() });
  const stop = useConflict.subscribe(({ question }) =>
    question?.answer({ choice: "keep_both", forAll: true }),
  );
  const outcomes = await transfer("ws_1", { kind: "move", paths: ["a", "b", "c"], to: "to" });
  stop();
  expect(outcomes.map(({ entry }) => entry?.path)).toEqual(["to/a", "to/b (2)", "to/c (2)"]);
  expect(calls.map(({ body }) => body)).toEqual([
    { kind: "move", paths: ["a", "b", "c"], to: "to", conflict: "fail" },
    { kind: "move", paths: ["b", "c"], to: "to", conflict: "keep_both" },
  ]);
});

it("duplicates without a question, and tells how far it is", async () => {
  const calls = serve({
    [TRANSFER]: () =>
      lines({ type: "progress", entries: 7, bytes: 70 }, done("d/a", "d/a (2)"), { type: "end" }),
  });
  const seen: number[] = [];
  const stop = useTransfer.subscribe(({ running }) => seen.push(running?.entries ?? -1));
  await transfer("ws_1", { kind: "copy", paths: ["d/a"], to: "d" });
  stop();
  expect(calls[0]?.body).toMatchObject({ conflict: "keep_both" });
  expect(seen).toContain(7);
  expect(useTransfer.getState().running).toBeUndefined();
});

it("does not take an answer that broke off for the whole", async () => {
  serve({ [TRANSFER]: () => lines(done("a", "to/a")) });
  await expect(transfer("ws_1", { kind: "move", paths: ["a", "b"], to: "to" })).rejects.toThrow(
    "broke off",
  );
});

it("asks one by one until it is said for all", async () => {
  const answers = [
    { choice: "skip", forAll: false },
    { choice: "replace", forAll: true },
  ] as const;
  let asked = 0;
  const ask = async () => answers[asked++];
  const chosen = await chooseForEach(["a", "b", "c"], (name) => name, ask);
  expect([...chosen]).toEqual([
    ["skip", ["a"]],
    ["replace", ["b", "c"]],
  ]);
  expect(
    await chooseForEach(
      ["a"],
      (name) => name,
      async () => undefined,
    ),
  ).toEqual(new Map());
  expect(chunks([1, 2, 3], 2)).toEqual([[1, 2], [3]]);
});

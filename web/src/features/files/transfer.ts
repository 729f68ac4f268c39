/** Moving and copying many entries, with what people choose where a name is taken. */
import { create } from "zustand";
import { agentPath } from "@/api/agent";
import { apiFetch } from "@/api/client";
import { ApiError } from "@/api/errors";
import type { components } from "@/api/schema.gen";
import { shownPath } from "@/lib/shown-path";
import { type ConflictChoice, chooseForEach } from "./conflict";
import { eachLine } from "./lines";
import { baseName } from "./paths";

export type EntryOutcome = components["schemas"]["EntryOutcome"];
type TransferMessage = components["schemas"]["TransferMessage"];
export type TransferKind = components["schemas"]["TransferKind"];

/** As many as the server takes in one request. */
const ENTRIES_MAX = 1_000;

export interface Transfer {
  kind: TransferKind;
  paths: readonly string[];
  /** The folder that they come to lie in. */
  to: string;
}

/** How a transfer stands that takes long. */
interface Running {
  host: string;
  kind: TransferKind;
  entries: number;
  bytes: number;
  cancel: () => void;
}

export const useTransfer = create<{ running: Running | undefined }>(() => ({ running: undefined }));

/** Parts of at most so many. */
export function chunks<Item>(items: readonly Item[], size = ENTRIES_MAX): Item[][] {
  const parts: Item[][] = [];
  for (let from = 0; from < items.length; from += size) parts.push(items.slice(from, from + size));
  return parts;
}

/** Does it, and asks where a name is taken. Answers how it went with each entry that was not given up. */
export async function transfer(
  host: string,
  { kind, paths, to }: Transfer,
): Promise<EntryOutcome[]> {
  const controller = new AbortController();
  const cancel = () => controller.abort();
  useTransfer.setState({ running: { host, kind, entries: 0, bytes: 0, cancel } });
  const run = (part: readonly string[], conflict: ConflictChoice | "fail") =>
    send(host, { kind, paths: part, to }, conflict, controller.signal);
  try {
    // A copy beside itself can only be meant as a second one.
    const first = kind === "copy" && paths.every((path) => isIn(path, to)) ? "keep_both" : "fail";
    const outcomes = await all(paths, (part) => run(part, first));
    const taken = outcomes.filter((item) => item.problem?.code === "name_taken");
    const chosen = await chooseForEach(taken, (item) => shownPath(baseName(item.path)));
    for (const [choice, items] of chosen) {
      const again = items.map((item) => item.path);
      outcomes.push(...(await all(again, (part) => run(part, choice))));
    }
    return outcomes.filter((item) => !taken.includes(item));
  } finally {
    useTransfer.setState({ running: undefined });
  }
}

function isIn(path: string, folder: string): boolean {
  return folder === "" ? !path.includes("/") : path === `${folder}/${baseName(path)}`;
}

async function all(
  paths: readonly string[],
  run: (part: readonly string[]) => Promise<EntryOutcome[]>,
): Promise<EntryOutcome[]> {
  const outcomes: EntryOutcome[] = [];
  for (const part of chunks(paths)) outcomes.push(...(await run(part)));
  return outcomes;
}

async function send(
  host: string,
  body: Transfer,
  conflict: ConflictChoice | "fail",
  signal: AbortSignal,
): Promise<EntryOutcome[]> {
  const response = await apiFetch(`${agentPath(host)}files/transfer`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ ...body, conflict }),
    signal,
  });
  const outcomes: EntryOutcome[] = [];
  let ended = false;
  await eachLine(response, (value) => {
    const message = value as TransferMessage;
    if (message.type === "entry") outcomes.push(message);
    else if (message.type === "end") ended = true;
    else if (message.type === "progress") {
      const { entries, bytes } = message;
      useTransfer.setState(({ running }) => ({
        running: running && { ...running, entries, bytes },
      }));
    }
  });
  if (ended) return outcomes;
  throw new ApiError({ status: 0, code: "network", detail: "The answer broke off" });
}

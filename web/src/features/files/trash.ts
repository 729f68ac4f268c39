/** The trash of a workspace: requests. */
import { queryOptions } from "@tanstack/react-query";
import { api } from "@/api/client";
import type { components } from "@/api/schema.gen";
import { shownPath } from "@/lib/shown-path";
import { chooseForEach } from "./conflict";
import { baseName } from "./paths";
import { trashKey } from "./queries";
import { chunks, type EntryOutcome } from "./transfer";

export type TrashEntry = components["schemas"]["TrashEntry"];

const PATH = "/api/v1/workspaces/{workspace}/files/trash";

/** Moves entries to the trash. */
export async function throwAway(
  workspace: string,
  paths: readonly string[],
): Promise<EntryOutcome[]> {
  const outcomes: EntryOutcome[] = [];
  for (const part of chunks(paths)) {
    const { data } = await api.POST(PATH, {
      params: { path: { workspace } },
      body: { paths: part },
    });
    outcomes.push(...(data?.items ?? []));
  }
  return outcomes;
}

/** Brings entries back, and asks where a name is taken. */
export async function restoreFromTrash(
  workspace: string,
  ids: readonly string[],
): Promise<EntryOutcome[]> {
  const send = async (part: readonly string[], conflict: "fail" | "replace" | "keep_both") => {
    const { data } = await api.POST(`${PATH}/restore`, {
      params: { path: { workspace } },
      body: { ids: [...part], conflict },
    });
    return data?.items ?? [];
  };
  const outcomes: EntryOutcome[] = [];
  for (const part of chunks(ids)) outcomes.push(...(await send(part, "fail")));
  const taken = outcomes.filter(({ problem }) => problem?.code === "name_taken");
  const chosen = await chooseForEach(taken, ({ path }) => shownPath(baseName(path)));
  for (const [choice, items] of chosen) {
    if (choice === "skip") continue;
    const again = items.flatMap((item) => item.trash_id ?? []);
    for (const part of chunks(again)) outcomes.push(...(await send(part, choice)));
  }
  return outcomes.filter((item) => !taken.includes(item));
}

/** Deletes one for good; all where none is named. */
export async function deleteForGood(workspace: string, entry?: string): Promise<void> {
  if (entry === undefined) {
    await api.DELETE(PATH, { params: { path: { workspace } } });
  } else {
    await api.DELETE(`${PATH}/{entry}`, { params: { path: { workspace, entry } } });
  }
}

/** What is in the trash, newest first. */
export function trashOptions(workspace: string) {
  return queryOptions({
    queryKey: trashKey(workspace),
    queryFn: async ({ signal }): Promise<TrashEntry[]> => {
      const { data } = await api.GET(PATH, { params: { path: { workspace } }, signal });
      return data?.items ?? [];
    },
  });
}

/** What people do with files: requests, and what follows in the page. */
import { useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { toast } from "sonner";
import { agentApi, contentUrl, isMachine } from "@/api/agent";
import { apiFetch } from "@/api/client";
import { useErrorText } from "@/lib/error-text";
import { shownPath } from "@/lib/shown-path";
import { clearCut } from "./clipboard";
import { type ArchiveFormat, download } from "./download";
import { baseName, encodeName, joinPath, parentOf } from "./paths";
import { directoryKey, trashKey } from "./queries";
import { only } from "./selection";
import type { TreeStore } from "./store";
import { type EntryOutcome, type Transfer, transfer } from "./transfer";
import { restoreFromTrash, throwAway } from "./trash";

export interface FileActions {
  /** Makes an empty file or a folder in `parent`. True: it is there. */
  create: (parent: string, name: string, entry: "file" | "directory") => Promise<boolean>;
  /** Gives an entry another path. */
  move: (from: string, to: string) => Promise<boolean>;
  /** Moves or copies entries into a folder; asks where a name is taken. */
  transfer: (what: Transfer) => Promise<void>;
  /** To the trash, where there is one, and else for good. */
  remove: (paths: readonly string[]) => Promise<void>;
  removeForGood: (paths: readonly string[]) => Promise<void>;
  setMode: (paths: readonly string[], mode: number) => Promise<boolean>;
  refresh: (path: string) => Promise<void>;
  download: (paths: readonly string[], format?: ArchiveFormat) => void;
}

interface Follow {
  opened: (path: string) => void;
  moved: (from: string, to: string) => void;
  deleted: (path: string) => void;
}

/** How long an undo is offered, in milliseconds: longer than a message, shorter than a nuisance. */
const UNDO_MS = 10_000;

/** Whether what is deleted on a host can be brought back: a server's own files have no trash. */
export function hasTrash(host: string): boolean {
  return !isMachine(host);
}

export function useFileActions(workspace: string, store: TreeStore, follow: Follow): FileActions {
  const { t } = useTranslation("files");
  const client = useQueryClient();
  const errorText = useErrorText();
  const params = { path: { workspace } };

  const refresh = (path: string) =>
    client.invalidateQueries({ queryKey: directoryKey(workspace, path), exact: true });
  const refreshTrash = () => client.invalidateQueries({ queryKey: trashKey(workspace) });

  /** A failure is told in the server's words; the folders are read again either way. */
  const attempt = async (folders: Iterable<string>, action: () => Promise<unknown>) => {
    let done = true;
    try {
      await action();
    } catch (error) {
      done = false;
      toast.error(errorText(error));
    }
    await Promise.all([...new Set(folders)].map(refresh));
    return done;
  };

  /** Tells what failed: the first in the server's words, and how many more. */
  const tellFailures = (outcomes: readonly EntryOutcome[]) => {
    const failed = outcomes.flatMap(({ problem }) => problem ?? []);
    const [first] = failed;
    if (!first) return;
    const more = failed.length - 1;
    const description = more > 0 ? t("failure.more", { count: more }) : undefined;
    toast.error(first.detail, description === undefined ? {} : { description });
  };

  const restore = (items: readonly EntryOutcome[]) =>
    attempt(
      items.map(({ path }) => parentOf(path)),
      async () => {
        const back = await restoreFromTrash(
          workspace,
          items.flatMap((item) => item.trash_id ?? []),
        );
        tellFailures(back);
        const paths = back.flatMap(({ entry }) => entry?.path ?? []);
        if (paths[0] !== undefined)
          store.select({ paths: new Set(paths), anchor: paths[0] }, paths[0]);
        await refreshTrash();
      },
    );

  const removeForGood = async (paths: readonly string[]) => {
    await attempt(paths.map(parentOf), async () => {
      for (const path of paths) {
        await agentApi.DELETE("/api/v1/workspaces/{workspace}/files", {
          params: { ...params, query: { path, recursive: true } },
        });
        follow.deleted(path);
      }
    });
  };

  return {
    refresh,
    create: (parent, name, entry) =>
      attempt([parent], async () => {
        const path = joinPath(parent, encodeName(name));
        if (entry === "directory") {
          await agentApi.POST("/api/v1/workspaces/{workspace}/files/directory", {
            params,
            body: { path },
          });
        } else {
          const headers = { "If-None-Match": "*", "content-type": "application/octet-stream" };
          await apiFetch(contentUrl(workspace, path), { method: "PUT", headers, body: "" });
          follow.opened(path);
        }
        store.expand(parent === "" ? [] : [parent]);
        store.focus(path);
      }),
    move: (from, to) =>
      attempt([parentOf(from), parentOf(to)], async () => {
        await agentApi.POST("/api/v1/workspaces/{workspace}/files/move", {
          params,
          body: { from, to },
        });
        store.moved(from, to);
        follow.moved(from, to);
      }),
    transfer: async (what) => {
      await attempt([what.to, ...what.paths.map(parentOf)], async () => {
        const outcomes = await transfer(workspace, what);
        const arrived = new Set<string>();
        for (const { path, entry } of outcomes) {
          if (!entry) continue;
          arrived.add(entry.path);
          if (what.kind === "copy") continue;
          store.moved(path, entry.path);
          follow.moved(path, entry.path);
        }
        if (what.kind === "move") clearCut(what.paths);
        if (what.to !== "") store.expand([what.to]);
        const [first] = arrived;
        store.select(
          first === undefined ? only(undefined) : { paths: arrived, anchor: first },
          first,
        );
        tellFailures(outcomes);
      });
    },
    removeForGood,
    remove: async (paths) => {
      if (!hasTrash(workspace)) return removeForGood(paths);
      await attempt(paths.map(parentOf), async () => {
        const outcomes = await throwAway(workspace, paths);
        const gone = outcomes.filter(({ outcome }) => outcome === "done");
        for (const { path } of gone) follow.deleted(path);
        tellFailures(outcomes);
        void refreshTrash();
        const [first] = gone;
        if (!first) return;
        store.select(only(undefined));
        toast(t("trash.moved", { count: gone.length, name: shownPath(baseName(first.path)) }), {
          duration: UNDO_MS,
          action: { label: t("trash.undo"), onClick: () => void restore(gone) },
        });
      });
    },
    setMode: (paths, mode) =>
      attempt(paths.map(parentOf), async () => {
        for (const path of paths) {
          await agentApi.PUT("/api/v1/workspaces/{workspace}/files/mode", {
            params,
            body: { path, mode },
          });
        }
      }),
    download: (paths, format) => download(workspace, paths, format),
  };
}

/** What people do with files: requests, and what follows in the page. */
import { useQueryClient } from "@tanstack/react-query";
import { toast } from "sonner";
import { agentApi, contentUrl } from "@/api/agent";
import { apiFetch } from "@/api/client";
import { useErrorText } from "@/lib/error-text";
import { shownPath } from "@/lib/shown-path";
import { baseName, encodeName, joinPath, parentOf } from "./paths";
import { directoryKey } from "./queries";
import type { TreeStore } from "./store";

export interface FileActions {
  /** Makes an empty file or a folder in `parent`. True: it is there. */
  create: (parent: string, name: string, entry: "file" | "directory") => Promise<boolean>;
  move: (from: string, to: string) => Promise<boolean>;
  remove: (path: string) => Promise<boolean>;
  refresh: (path: string) => Promise<void>;
  download: (path: string) => void;
}

interface Follow {
  opened: (path: string) => void;
  moved: (from: string, to: string) => void;
  deleted: (path: string) => void;
}

export function useFileActions(workspace: string, store: TreeStore, follow: Follow): FileActions {
  const client = useQueryClient();
  const errorText = useErrorText();
  const params = { path: { workspace } };

  const refresh = (path: string) =>
    client.invalidateQueries({ queryKey: directoryKey(workspace, path), exact: true });

  /** A failure is told in the server's words; the folders are read again either way. */
  const attempt = async (folders: readonly string[], action: () => Promise<unknown>) => {
    let done = true;
    try {
      await action();
    } catch (error) {
      done = false;
      toast.error(errorText(error));
    }
    await Promise.all(folders.map(refresh));
    return done;
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
    remove: (path) =>
      attempt([parentOf(path)], async () => {
        await agentApi.DELETE("/api/v1/workspaces/{workspace}/files", {
          params: { ...params, query: { path, recursive: true } },
        });
        follow.deleted(path);
      }),
    download: (path) => {
      const link = document.createElement("a");
      link.href = contentUrl(workspace, path, true);
      link.download = shownPath(baseName(path));
      link.click();
    },
  };
}

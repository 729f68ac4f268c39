/** What the file features of one workspace share: the tree's store, the watch, and Git's state. */
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { directoryOptions, type GitStatus } from "./queries";
import { createTreeStore, type TreeStore } from "./store";
import { treeSync } from "./sync";
import { useGitStatuses } from "./use-tree";
import { FileWatch } from "./watch";

export interface WorkspaceFiles {
  workspace: string;
  store: TreeStore;
  watch: FileWatch;
  statuses: GitStatus[];
}

/** For as long as the workspace is shown and runs. */
export function useFiles(workspace: string): WorkspaceFiles {
  const client = useQueryClient();
  const [{ store, fresh, watch }] = useState(() => ({
    ...createTreeStore(workspace),
    watch: new FileWatch(workspace),
  }));
  useEffect(() => {
    const unsubscribe = watch.subscribe(treeSync(client, workspace));
    const stop = watch.start();
    return () => {
      stop();
      unsubscribe();
    };
  }, [client, watch, workspace]);
  useEffect(() => {
    if (!fresh) return;
    // The first visit to a clone: its one folder is what everyone opens first.
    void client.ensureQueryData(directoryOptions(workspace, "")).then(
      ({ items }) => {
        const [only] = items;
        if (only?.kind === "directory" && items.length === 1) store.expand([only.path]);
      },
      () => {
        // The tree itself says why it cannot be read.
      },
    );
  }, [client, fresh, store, workspace]);
  return { workspace, store, watch, statuses: useGitStatuses(workspace, store) };
}

/** What the file features of one host share: the tree's store, the watch, and Git's state. */
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo, useState } from "react";
import { createStore, type StoreApi } from "zustand";
import { FolderWatch } from "./folder-watch";
import { directoryOptions, type GitStatus } from "./queries";
import { type FileLimits, NO_LIMITS, shownFolders } from "./roots";
import { createTreeStore, type TreeStore } from "./store";
import { treeSync } from "./sync";
import { useGitStatuses } from "./use-tree";
import type { DiskWatch } from "./watch";
import { WorkspaceWatch } from "./workspace-watch";

/** The files of a workspace, or of a server's own machine. */
export interface HostFiles {
  /** The workspace; of a machine, its server. */
  workspace: string;
  limits: FileLimits;
  store: TreeStore;
  watch: DiskWatch;
  /** The state of every repository in sight, which `Repositories` keeps. */
  repositories: StoreApi<readonly GitStatus[]>;
}

/** Redraws whatever shows the state of a repository, and nothing else, when a folder is opened. */
export function Repositories({ files }: { files: HostFiles }): null {
  const statuses = useGitStatuses(files.workspace, files.store);
  useEffect(() => files.repositories.setState(statuses, true), [files, statuses]);
  return null;
}

/** Of a workspace, for as long as it is shown and runs. */
export function useFiles(workspace: string): HostFiles {
  const client = useQueryClient();
  const [{ store, fresh, watch, repositories }] = useState(() => ({
    ...createTreeStore(workspace),
    watch: new WorkspaceWatch(workspace),
    repositories: createStore<readonly GitStatus[]>(() => []),
  }));
  useFollowed(store, watch, NO_LIMITS.roots);
  useWatch(workspace, watch, store);
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
  return useMemo(
    () => ({ workspace, limits: NO_LIMITS, store, watch, repositories }),
    [workspace, store, watch, repositories],
  );
}

/** Of a server's own machine, for as long as they are shown; `limits` are its owner's, and may change. */
export function useMachineFiles(node: string, limits: FileLimits): HostFiles {
  const [{ store, fresh, watch, repositories }] = useState(() => ({
    ...createTreeStore(node),
    watch: new FolderWatch(node),
    repositories: createStore<readonly GitStatus[]>(() => []),
  }));
  const { roots } = limits;
  useFollowed(store, watch, roots);
  useWatch(node, watch, store);
  useEffect(() => {
    const [only] = roots;
    if (fresh && only !== undefined && roots.length === 1) store.expand([only]);
  }, [fresh, store, roots]);
  return { workspace: node, limits, store, watch, repositories };
}

/** Tells the watch which folders are open, for as long as they are shown. */
function useFollowed(store: TreeStore, watch: DiskWatch, roots: readonly string[]): void {
  useEffect(() => {
    const follow = () => watch.follow?.(shownFolders(store.getState().expanded, roots));
    follow();
    return store.subscribe((state, before) => {
      if (state.expanded !== before.expanded) follow();
    });
  }, [watch, store, roots]);
}

function useWatch(host: string, watch: DiskWatch, store: TreeStore): void {
  const client = useQueryClient();
  useEffect(() => {
    const showsDetails = () => {
      const { showDetails, order } = store.getState();
      return showDetails || order.by === "size" || order.by === "modified";
    };
    const unsubscribe = watch.subscribe(treeSync(client, host, showsDetails));
    const stop = watch.start();
    return () => {
      stop();
      unsubscribe();
    };
  }, [client, watch, host, store]);
}

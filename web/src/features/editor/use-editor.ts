/** Ties the editor's session to a page. */
import { useEffect, useState } from "react";
import { httpFiles } from "./files";
import { EditorSession } from "./session";
import { autosaveOn, currentEditorSettings, useEditorSettings } from "./settings/settings";

/** What tells the editor of changes on disk. */
export interface DiskChanges {
  subscribe(listener: {
    changed(changes: readonly { path: string; kind?: string }[]): void;
    rescan(): void;
  }): () => void;
}

function createEditorSession(workspace: string): EditorSession {
  return new EditorSession({
    workspace,
    files: httpFiles(workspace),
    autosave: () => autosaveOn(workspace, currentEditorSettings()),
    storage: localStorage,
    createBuffer: async (path, text, edited) =>
      (await import("./monaco")).createMonacoBuffer(path, text, edited),
    merge: async (mine, base, theirs) =>
      (await import("./merge/merge3")).merge3(mine, base, theirs),
    schedule: (ms, callback) => {
      const timer = setTimeout(callback, ms);
      return () => clearTimeout(timer);
    },
  });
}

/**
 * The editor's session, for as long as the page is open: it outlives the panels, so that edits
 * survive a workspace that stops under them.
 */
export function useEditor(workspace: string): EditorSession {
  const [session] = useState(() => createEditorSession(workspace));
  useEffect(() => () => session.dispose(), [session]);
  const [settings] = useEditorSettings();
  const mode = autosaveOn(workspace, settings);
  // biome-ignore lint/correctness/useExhaustiveDependencies: told whenever the mode is another.
  useEffect(() => session.autosaveChanged(), [session, mode]);
  useEffect(() => {
    const persist = () => session.viewStates.persist();
    window.addEventListener("pagehide", persist);
    document.addEventListener("visibilitychange", persist);
    return () => {
      persist();
      window.removeEventListener("pagehide", persist);
      document.removeEventListener("visibilitychange", persist);
    };
  }, [session]);
  useEffect(() => {
    const guard = (event: BeforeUnloadEvent) => {
      if (session.dirtyPaths().length > 0) event.preventDefault();
    };
    window.addEventListener("beforeunload", guard);
    return () => window.removeEventListener("beforeunload", guard);
  }, [session]);
  return session;
}

/** Opens the session's files and follows the disk, while the workspace runs. */
export function useFilesOnDisk(session: EditorSession, disk: DiskChanges): void {
  useEffect(() => {
    session.restore();
    return disk.subscribe({
      changed: (changes) => session.pathsChanged(changes.map(({ path }) => path)),
      rescan: () => session.rescan(),
    });
  }, [session, disk]);
}

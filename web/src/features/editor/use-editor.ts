/** Ties the editor's session to a page. */
import { useEffect, useState } from "react";
import { isMachine } from "@/api/agent";
import { httpFiles } from "./files";
import { EditorSession } from "./session";

/** What tells the editor of changes on disk. */
export interface DiskChanges {
  subscribe(listener: {
    changed(changes: readonly { path: string }[]): void;
    rescan(): void;
  }): () => void;
}

/**
 * Of a workspace's file half a sentence may stand on disk for a moment; a server's own programs read
 * theirs while they are written. So there a person says when.
 */
const AUTOSAVE = {
  workspace: { key: "atelier.editor.autosave", initially: true },
  machine: { key: "atelier.editor.autosave.machine", initially: false },
};

function createEditorSession(workspace: string): EditorSession {
  return new EditorSession({
    workspace,
    files: httpFiles(workspace),
    autosave: isMachine(workspace) ? AUTOSAVE.machine : AUTOSAVE.workspace,
    storage: localStorage,
    createBuffer: async (path, text, edited) =>
      (await import("./monaco")).createMonacoBuffer(path, text, edited),
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

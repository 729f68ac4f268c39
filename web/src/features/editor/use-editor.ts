/** The editor of one workspace, for as long as it is shown. */
import { useEffect, useState } from "react";
import { httpFiles } from "./files";
import { EditorSession } from "./session";

/** What tells the editor of changes on disk. */
export interface DiskChanges {
  subscribe(listener: {
    changed(changes: readonly { path: string }[]): void;
    rescan(): void;
  }): () => void;
}

export function createEditorSession(workspace: string): EditorSession {
  return new EditorSession({
    workspace,
    files: httpFiles(workspace),
    storage: localStorage,
    createBuffer: async (path, text, edited) =>
      (await import("./monaco")).createMonacoBuffer(path, text, edited),
    schedule: (ms, callback) => {
      const timer = setTimeout(callback, ms);
      return () => clearTimeout(timer);
    },
  });
}

export function useEditor(workspace: string, disk: DiskChanges): EditorSession {
  const [session] = useState(() => createEditorSession(workspace));
  useEffect(() => {
    session.restore();
    return () => session.dispose();
  }, [session]);
  useEffect(
    () =>
      disk.subscribe({
        changed: (changes) => session.pathsChanged(changes.map(({ path }) => path)),
        rescan: () => session.rescan(),
      }),
    [session, disk],
  );
  useEffect(() => {
    const guard = (event: BeforeUnloadEvent) => {
      if (session.dirtyPaths().length > 0) event.preventDefault();
    };
    window.addEventListener("beforeunload", guard);
    return () => window.removeEventListener("beforeunload", guard);
  }, [session]);
  return session;
}

/** Ties the workspace's language servers to a page. */
import { useEffect, useState } from "react";
import type { EditorSession } from "../session";
import type { DiskChanges } from "../use-editor";
import { mayBeServed } from "./names";
import { createLanguagesStore, type LanguagesStore } from "./store";

/** The servers of what is open in the editor, while the workspace runs. */
export function useLanguages(session: EditorSession, disk: DiskChanges): LanguagesStore {
  const [store] = useState(createLanguagesStore);
  useEffect(() => {
    let manager: { dispose(): void } | undefined;
    let begun = false;
    let ended = false;
    const begin = () => {
      const { contents } = session.state.getState();
      const served = ([path, { kind }]: [string, { kind: string }]) =>
        kind === "text" && mayBeServed(path);
      if (begun || !Object.entries(contents).some(served)) return;
      begun = true;
      void import("./manager").then(({ LanguageManager }) => {
        if (!ended) manager = new LanguageManager(session, store, disk);
      });
    };
    begin();
    const unsubscribe = session.state.subscribe(begin);
    return () => {
      ended = true;
      unsubscribe();
      manager?.dispose();
      store.setState(createLanguagesStore().getState());
    };
  }, [session, disk, store]);
  return store;
}

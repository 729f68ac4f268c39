/** Gives an editor the chosen keys; what they need is loaded when they are first chosen. */
import type { editor } from "monaco-editor";
import { type RefObject, useEffect } from "react";
import type { Keymap } from "../settings/settings";

interface KeymapInput {
  keymap: Keymap;
  editor: editor.IStandaloneCodeEditor | undefined;
  /** Where Vim shows its mode and command line. */
  status: RefObject<HTMLElement | null>;
  save: () => void;
  close: () => void;
}

export function useKeymap({ keymap, editor, status, save, close }: KeymapInput): void {
  // biome-ignore lint/correctness/useExhaustiveDependencies: the actions look at the session when they run.
  useEffect(() => {
    if (!editor || keymap === "default") return;
    let detach = () => {};
    let gone = false;
    const attach = async () => {
      const actions = { save, close };
      if (keymap === "emacs") {
        const { attachEmacs } = await import("./emacs");
        if (!gone) detach = attachEmacs(editor, actions);
      } else {
        const { attachVim } = await import("./vim");
        if (!gone && status.current) detach = attachVim(editor, status.current, actions);
      }
    };
    void attach();
    return () => {
      gone = true;
      detach();
    };
  }, [keymap, editor]);
}

/** Vim's keys in an editor (`monaco-vim`). A lazy chunk. */
import type { editor } from "monaco-editor";
import { initVimMode, VimMode } from "monaco-vim";

interface VimActions {
  /** `:w` */
  save: () => void;
  /** `:q` */
  close: () => void;
}

/** The actions of the editor that has the focus: Vim's own commands are the same for all. */
let current: VimActions | undefined;

/** Its types leave this out. */
const { Vim } = VimMode as unknown as {
  Vim: { defineEx(name: string, prefix: string, run: () => void): void };
};

Vim.defineEx("write", "w", () => current?.save());
Vim.defineEx("quit", "q", () => current?.close());
Vim.defineEx("wq", "wq", () => {
  current?.save();
  current?.close();
});

/** Gives `target` Vim's keys until the returned function is called; `status` shows its mode. */
export function attachVim(
  target: editor.IStandaloneCodeEditor,
  status: HTMLElement,
  actions: VimActions,
): () => void {
  current = actions;
  const focus = target.onDidFocusEditorText(() => {
    current = actions;
  });
  const mode = initVimMode(target, status);
  return () => {
    focus.dispose();
    mode.dispose();
    status.replaceChildren();
    if (current === actions) current = undefined;
  };
}

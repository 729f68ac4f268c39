/** The editor's actions in the command palette. */
import type { editor } from "monaco-editor";
import { useTranslation } from "react-i18next";
import { useCommands } from "@/lib/commands";
import type { FileContent } from "./openFile";
import type { EditorSession } from "./session";

interface EditorCommandsInput {
  session: EditorSession;
  active: string | undefined;
  content: FileContent | undefined;
  autosave: boolean;
  /** Why nothing may be changed. */
  readOnlyReason: string | undefined;
  editor: () => editor.ICodeEditor | undefined;
  close: (path: string) => void;
}

export function useEditorCommands(input: EditorCommandsInput): void {
  const { session, active, content, autosave } = input;
  const { t } = useTranslation("workbench");
  const section = t("section.editor");
  const noFile = active === undefined ? t("editor.none") : undefined;
  const noText = content?.kind === "text" ? undefined : (noFile ?? t("editor.noText"));
  /** Monaco's own actions, by its names. */
  const inEditor = (id: string, title: string, action: string) => ({
    id,
    title,
    section,
    disabledReason: noText,
    run: () => {
      input.editor()?.focus();
      void input.editor()?.getAction(action)?.run();
    },
  });
  useCommands([
    {
      id: "editor.save",
      title: t("editor.save"),
      section,
      shortcut: "Mod+S",
      disabledReason: input.readOnlyReason ?? noText,
      run: () => void session.active?.save(),
    },
    {
      id: "editor.saveAll",
      title: t("editor.saveAll"),
      section,
      disabledReason: noFile,
      run: () => void session.saveAll(),
    },
    {
      id: "editor.close",
      title: t("editor.closeTab"),
      section,
      disabledReason: noFile,
      run: () => active !== undefined && input.close(active),
    },
    {
      id: "editor.next",
      title: t("editor.next"),
      section,
      disabledReason: noFile,
      run: () => session.step(1),
    },
    {
      id: "editor.previous",
      title: t("editor.previous"),
      section,
      disabledReason: noFile,
      run: () => session.step(-1),
    },
    {
      id: "editor.autosave",
      title: t(autosave ? "editor.autosaveOff" : "editor.autosaveOn"),
      section,
      run: () => session.setAutosave(!autosave),
    },
    inEditor("editor.find", t("editor.find"), "actions.find"),
    inEditor("editor.replace", t("editor.replace"), "editor.action.startFindReplaceAction"),
    inEditor("editor.goToLine", t("editor.goToLine"), "editor.action.gotoLine"),
    inEditor("editor.format", t("editor.format"), "editor.action.formatDocument"),
    inEditor("editor.comment", t("editor.comment"), "editor.action.commentLine"),
    {
      id: "editor.focus",
      title: t("editor.focus"),
      section,
      disabledReason: noText,
      run: () => input.editor()?.focus(),
    },
  ]);
}

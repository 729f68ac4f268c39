/** The editor's actions in the command palette. */
import type { editor } from "monaco-editor";
import { useTranslation } from "react-i18next";
import { toast } from "sonner";
import { useStore } from "zustand";
import { useShallow } from "zustand/react/shallow";
import { type Command, useCommands } from "@/lib/commands";
import { isMarkdown } from "./content";
import { inConflict, isDirty } from "./document";
import { groupIds } from "./groups/groups";
import { isPinned } from "./groups/tabs";
import type { EditorSession, EditorState, PickerKind } from "./session";
import { autosaveChange, autosaveOn, useEditorSettings } from "./settings/settings";

interface EditorCommandsInput {
  session: EditorSession;
  /** Why nothing may be changed. */
  readOnlyReason: string | undefined;
  editor: () => editor.ICodeEditor | undefined;
  save: () => void;
  close: (key: string) => void;
  merge: (path: string) => void;
  openSettings: () => void;
}

/** What the actions depend on, and nothing that changes with each key. */
function subjectOf({ activePath, contents, groups, tabs }: EditorState) {
  const content = activePath === undefined ? undefined : contents[activePath];
  const document = content?.kind === "text" ? content.document : undefined;
  return {
    /** The active tab, and whether it is pinned. */
    tab: tabs.active,
    pinned: tabs.active !== undefined && isPinned(tabs, tabs.active),
    group: groups.active,
    groups: groupIds(groups.root).length,
    /** The file that the tab is about, and what is shown of it. */
    path: activePath,
    kind: content?.kind,
    dirty: document !== undefined && isDirty(document),
    conflict: document !== undefined && inConflict(document),
  };
}

type Subject = ReturnType<typeof subjectOf>;

/** Shows nothing: a part of its own, so that the panel is not drawn anew with them. */
export function EditorCommands(input: EditorCommandsInput): null {
  const { session } = input;
  const subject = useStore(session.state, useShallow(subjectOf));
  const { t } = useTranslation(["workbench", "editor"]);
  const noFile = subject.tab === undefined ? t("editor.none") : undefined;
  const noText = subject.kind === "text" ? undefined : (noFile ?? t("editor.noText"));
  /** Monaco's own actions, by its names. */
  const inEditor = (id: string, title: string, action: string): Command => ({
    id: `editor.${id}`,
    title,
    disabledReason: noText,
    run: () => {
      input.editor()?.focus();
      void input.editor()?.getAction(action)?.run();
    },
  });
  useTabCommands(input, subject);
  useTextCommands(input, subject, noText);
  useCommands("editor", [
    {
      id: "editor.save",
      title: t("editor.save"),
      shortcut: "Mod+S",
      disabledReason: input.readOnlyReason ?? noText,
      run: input.save,
    },
    {
      id: "editor.saveAll",
      title: t("editor.saveAll"),
      disabledReason: noFile,
      run: () => void session.saveAll(),
    },
    inEditor("find", t("editor.find"), "actions.find"),
    inEditor("replace", t("editor.replace"), "editor.action.startFindReplaceAction"),
    inEditor("goToLine", t("editor.goToLine"), "editor.action.gotoLine"),
    inEditor("goToSymbol", t("editor:action.goToSymbol"), "editor.action.quickOutline"),
    inEditor("format", t("editor.format"), "editor.action.formatDocument"),
    inEditor("comment", t("editor.comment"), "editor.action.commentLine"),
    inEditor(
      "nextOccurrence",
      t("editor:action.nextOccurrence"),
      "editor.action.addSelectionToNextFindMatch",
    ),
    inEditor("allOccurrences", t("editor:action.allOccurrences"), "editor.action.selectHighlights"),
    inEditor("cursorAbove", t("editor:action.cursorAbove"), "editor.action.insertCursorAbove"),
    inEditor("cursorBelow", t("editor:action.cursorBelow"), "editor.action.insertCursorBelow"),
    inEditor("foldAll", t("editor:action.foldAll"), "editor.foldAll"),
    inEditor("unfoldAll", t("editor:action.unfoldAll"), "editor.unfoldAll"),
    inEditor("suggest", t("editor:action.suggest"), "editor.action.triggerSuggest"),
    inEditor("definition", t("editor:action.definition"), "editor.action.revealDefinition"),
    inEditor(
      "typeDefinition",
      t("editor:action.typeDefinition"),
      "editor.action.goToTypeDefinition",
    ),
    inEditor(
      "implementation",
      t("editor:action.implementation"),
      "editor.action.goToImplementation",
    ),
    inEditor("references", t("editor:action.references"), "editor.action.goToReferences"),
    inEditor("rename", t("editor:action.rename"), "editor.action.rename"),
    inEditor("quickFix", t("editor:action.quickFix"), "editor.action.quickFix"),
    inEditor("showHover", t("editor:action.showHover"), "editor.action.showHover"),
    inEditor("signature", t("editor:action.signature"), "editor.action.triggerParameterHints"),
    inEditor("nextProblem", t("editor:action.nextProblem"), "editor.action.marker.next"),
    inEditor("previousProblem", t("editor:action.previousProblem"), "editor.action.marker.prev"),
    inEditor("moveLineUp", t("editor:action.moveLineUp"), "editor.action.moveLinesUpAction"),
    inEditor("moveLineDown", t("editor:action.moveLineDown"), "editor.action.moveLinesDownAction"),
    {
      id: "editor.focus",
      title: t("editor.focus"),
      disabledReason: noText,
      run: () => input.editor()?.focus(),
    },
  ]);
  return null;
}

/** Actions on the active text as a whole, and on how texts are shown. */
function useTextCommands(
  input: EditorCommandsInput,
  { path, kind, dirty, conflict }: Subject,
  noText: string | undefined,
): void {
  const { session } = input;
  const [settings, change] = useEditorSettings();
  const { t } = useTranslation(["editor", "workbench"]);
  const noFile = path === undefined ? t("editor.none", { ns: "workbench" }) : undefined;
  const noBytes = kind === "binary" ? undefined : noText;
  const onPath = (
    id: string,
    title: string,
    disabledReason: string | undefined,
    run: (path: string) => void,
  ): Command => ({
    id: `editor.${id}`,
    title,
    disabledReason,
    run: () => path !== undefined && run(path),
  });
  const pick = (kind: PickerKind, disabledReason: string | undefined): Command => ({
    id: `editor.pick.${kind}`,
    title: t(`picker.${kind}`),
    disabledReason,
    run: () => session.pick(kind),
  });
  const compareClipboard = async (path: string) => {
    try {
      const text = await navigator.clipboard.readText();
      session.compare(session.keepClipboard(text), { source: "file", path });
    } catch {
      // Without TLS the browser has no clipboard for pages; or a person has refused.
      toast.error(t("diff.noClipboard"));
    }
  };
  const autosave = autosaveOn(session.host, settings);
  const next = autosave === "off" ? "delay" : "off";
  useCommands("editor", [
    {
      id: "editor.autosave",
      title: t(autosave === "off" ? "editor.autosaveOn" : "editor.autosaveOff", {
        ns: "workbench",
      }),
      run: () => change(autosaveChange(session.host, next)),
    },
    pick("language", noText),
    pick("encodingReopen", noBytes ?? (dirty ? t("encoding.unsaved") : undefined)),
    pick("encodingSave", input.readOnlyReason ?? noText),
    pick("lineEnding", input.readOnlyReason ?? noText),
    pick("indentation", noText),
    onPath("compareSaved", t("diff.withSaved"), noText, (path) =>
      session.compare({ source: "saved", path }, { source: "file", path }),
    ),
    onPath(
      "compareClipboard",
      t("diff.withClipboard"),
      noText,
      (path) => void compareClipboard(path),
    ),
    onPath(
      "merge",
      t("merge.open"),
      noText ?? (conflict ? undefined : t("merge.noConflict")),
      input.merge,
    ),
    onPath(
      "markdown",
      t("markdown.open"),
      noText ?? (path !== undefined && isMarkdown(path) ? undefined : t("markdown.none")),
      (path) => session.openView({ kind: "markdown", path }, { group: "beside" }),
    ),
    onPath("hex", t("large.openHex"), noFile, (path) => session.openView({ kind: "hex", path })),
    {
      id: "editor.wordWrap",
      title: t(settings.wordWrap ? "settings.wordWrapOff" : "settings.wordWrapOn"),
      shortcut: "Alt+Z",
      run: () => change({ wordWrap: !settings.wordWrap }),
    },
    {
      id: "editor.minimap",
      title: t(settings.minimap ? "settings.minimapOff" : "settings.minimapOn"),
      run: () => change({ minimap: !settings.minimap }),
    },
    {
      id: "editor.settings",
      title: t("settings.title"),
      run: input.openSettings,
    },
  ]);
}

/** Actions on tabs and groups. */
function useTabCommands(
  { session, close }: EditorCommandsInput,
  { tab, pinned, group, groups }: Subject,
): void {
  const { t } = useTranslation(["editor", "workbench"]);
  const none = tab === undefined ? t("editor.none", { ns: "workbench" }) : undefined;
  const one = groups < 2 ? t("group.onlyOne") : none;
  const onTab = (id: string, title: string, run: (key: string) => void, shortcut?: string) => ({
    id: `editor.${id}`,
    title,
    ...(shortcut ? { shortcut } : {}),
    disabledReason: none,
    run: () => tab !== undefined && run(tab),
  });
  useCommands("editor", [
    onTab("close", t("editor.closeTab", { ns: "workbench" }), close),
    onTab("closeOthers", t("tab.closeOthers"), (key) => session.closeMany(key, "others")),
    onTab("closeRight", t("tab.closeRight"), (key) => session.closeMany(key, "right")),
    onTab("closeSaved", t("tab.closeSaved"), (key) => session.closeMany(key, "saved")),
    {
      id: "editor.reopen",
      title: t("tab.reopen"),
      shortcut: "Mod+Shift+U",
      run: () => session.reopen(),
    },
    onTab("pin", t(pinned ? "tab.unpin" : "tab.pin"), (key) => session.togglePin(key)),
    onTab("keep", t("tab.keep"), (key) => session.keep(key)),
    onTab("next", t("editor.next", { ns: "workbench" }), () => session.step(1)),
    onTab("previous", t("editor.previous", { ns: "workbench" }), () => session.step(-1)),
    onTab("shiftForward", t("tab.shiftForward"), (key) => session.shift(key, 1)),
    onTab("shiftBack", t("tab.shiftBack"), (key) => session.shift(key, -1)),
    onTab("splitEnd", t("group.splitEnd"), () => session.split("end"), "Mod+\\"),
    onTab("splitBelow", t("group.splitBelow"), () => session.split("below"), "Mod+Shift+\\"),
    onTab("moveEnd", t("tab.splitEnd"), (key) => session.splitWith(key, group, group, "end")),
    onTab("moveBelow", t("tab.splitBelow"), (key) => session.splitWith(key, group, group, "below")),
    onTab("toNextGroup", t("tab.toNextGroup"), (key) => session.moveToGroup(key, 1)),
    onTab("toPreviousGroup", t("tab.toPreviousGroup"), (key) => session.moveToGroup(key, -1)),
    {
      id: "editor.nextGroup",
      title: t("group.next"),
      disabledReason: one,
      run: () => session.stepGroup(1),
    },
    {
      id: "editor.previousGroup",
      title: t("group.previous"),
      disabledReason: one,
      run: () => session.stepGroup(-1),
    },
  ]);
}

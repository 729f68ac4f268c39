/** The one Monaco editor of a group; tabs swap its model. A lazy chunk. */
import { useEffect, useRef, useState } from "react";
import { cn } from "@/lib/cn";
import { currentLanguage } from "@/lib/i18n";
import { handleShortcut } from "@/lib/shortcuts";
import { showText, type TextViews } from "@/lib/text-views";
import { useResolvedTheme } from "@/lib/theme";
import type { ViewStates } from "./groups/view-states";
import { useKeymap } from "./keymaps/use-keymap";
import { applyTheme, EDITOR_OPTIONS, type MonacoBuffer, monaco } from "./monaco";
import { followLine, tellLine } from "./preview/scroll-sync";
import type { TextPlace, TextStatus } from "./session";
import { optionsFor, sparingOptions } from "./settings/options";
import { useEditorSettings } from "./settings/settings";

interface CodeViewProps {
  /** The text; none while it is on its way. The editor stays, hidden: a new one takes long to make. */
  buffer: MonacoBuffer | undefined;
  /** The accessible name. */
  label: string;
  readOnly: boolean;
  /** Whether it is in the active group: then it tells of its cursor. */
  active: boolean;
  /** Which tab it is, and where its cursor and scrolling are kept. */
  place: { states: ViewStates; key: string; group: string };
  /** The place to go to, and to tell when it is shown. */
  reveal: TextPlace | undefined;
  onRevealed: () => void;
  onStatus: (status: TextStatus) => void;
  onBlur: () => void;
  onSave: () => void;
  onClose: () => void;
  /** Where the text is told of while it is shown, and which file it is of. */
  views: { views: TextViews; path: string };
  /** Writes it to the disk, without what the person's own save does besides. */
  onWrite: () => Promise<boolean>;
  /** Gives the editor to the panel's commands. */
  editorRef: (editor: monaco.editor.ICodeEditor | undefined) => void;
}

export function CodeView(props: CodeViewProps) {
  const { buffer, label, readOnly, active, reveal } = props;
  const { key } = props.place;
  const element = useRef<HTMLDivElement>(null);
  const vimStatus = useRef<HTMLDivElement>(null);
  const [editor, setEditor] = useState<monaco.editor.IStandaloneCodeEditor>();
  const shown = useRef<{ buffer: MonacoBuffer; key: string }>(undefined);
  const theme = useResolvedTheme();
  const [settings] = useEditorSettings();
  const latest = useRef({ ...props, settings });
  latest.current = { ...props, settings };

  useEffect(() => applyTheme(theme, settings.theme), [theme, settings.theme]);

  useEffect(() => {
    const box = element.current;
    if (!box) return;
    const { states, group } = latest.current.place;
    const made = monaco.editor.create(box, {
      ...EDITOR_OPTIONS,
      ...optionsFor(latest.current.settings, box.clientWidth),
      model: null,
    });
    setEditor(made);
    latest.current.editorRef(made);
    const tell = () => {
      const status = statusOf(made);
      if (status && latest.current.active) latest.current.onStatus(status);
    };
    let width = box.clientWidth;
    const listeners = [
      // The tree beside it is drawn wider, a tablet is turned.
      made.onDidLayoutChange((layout) => {
        if (layout.width === width) return;
        width = layout.width;
        const options = optionsFor(latest.current.settings, width);
        const wordWrap = latest.current.buffer?.heavy ? ("off" as const) : options.wordWrap;
        made.updateOptions({ ...options, wordWrap });
      }),
      made.onDidChangeCursorSelection(tell),
      made.onDidChangeModel(tell),
      made.onDidChangeModelLanguage(tell),
      made.onDidChangeModelOptions(tell),
      made.onDidBlurEditorWidget(() => latest.current.onBlur()),
      made.onDidScrollChange(({ scrollTopChanged }) => {
        const [first] = made.getVisibleRanges();
        if (scrollTopChanged && first) {
          tellLine(latest.current.place.key, "source", first.startLineNumber);
        }
      }),
    ];
    const keep = () => {
      if (!shown.current || shown.current.buffer.model.isDisposed()) return;
      states.set(shown.current.key, group, made.saveViewState());
    };
    const unfollow = states.onFlush(keep);
    return () => {
      unfollow();
      keep();
      for (const listener of listeners) listener.dispose();
      shown.current = undefined;
      setEditor(undefined);
      latest.current.editorRef(undefined);
      made.dispose();
    };
  }, []);

  // As the last text was: setting options takes long, and most texts are alike.
  const [heavy, setHeavy] = useState(false);
  if (buffer && buffer.heavy !== heavy) setHeavy(buffer.heavy);
  useEffect(() => {
    const width = element.current?.clientWidth;
    if (!editor || !width) return;
    const options = optionsFor(settings, width);
    // Where to break a line of megabytes is reckoned for all of it.
    const wordWrap = heavy ? ("off" as const) : options.wordWrap;
    editor.updateOptions({ ...options, ...sparingOptions(heavy), wordWrap });
  }, [editor, settings, heavy]);

  useEffect(() => {
    const { states, group } = latest.current.place;
    const before = shown.current;
    if (!editor || (before?.buffer === buffer && (!before || before.key === key))) return;
    if (before && !before.buffer.model.isDisposed()) {
      states.set(before.key, group, editor.saveViewState());
    }
    editor.setModel(buffer?.model ?? null);
    const state = buffer && states.get(key, group);
    if (state) editor.restoreViewState(state as monaco.editor.ICodeEditorViewState);
    shown.current = buffer && { buffer, key };
  }, [editor, buffer, key]);

  const { views, path } = props.views;
  useEffect(() => {
    if (!editor || !buffer) return;
    const { model } = buffer;
    const save = () => latest.current.onWrite();
    return showText(views, { path, editor, model, monaco, readOnly, active, save });
  }, [views, path, editor, buffer, readOnly, active]);

  // The active group's cursor is the one that the status bar tells.
  useEffect(() => {
    const status = editor && active ? statusOf(editor) : undefined;
    if (status) latest.current.onStatus(status);
  }, [editor, active]);

  // After the effect above: the text is in place.
  useEffect(() => {
    if (!reveal || !editor || !buffer || shown.current?.buffer !== buffer) return;
    showPlace(editor, reveal);
    latest.current.onRevealed();
  }, [editor, reveal, buffer]);

  useEffect(
    () =>
      followLine(key, "source", (line) => {
        if (editor) editor.setScrollTop(editor.getTopForLineNumber(line));
      }),
    [editor, key],
  );

  const isEmpty = buffer === undefined;
  useEffect(() => {
    if (!isEmpty) editor?.updateOptions({ readOnly, ariaLabel: label });
  }, [editor, isEmpty, readOnly, label]);

  useKeymap({
    keymap: settings.keymap,
    editor,
    status: vimStatus,
    save: () => latest.current.onSave(),
    close: () => latest.current.onClose(),
  });

  return (
    <div className={cn("absolute inset-0 flex flex-col", !buffer && "invisible")}>
      <div
        ref={element}
        // Code runs left to right in every language of the interface.
        dir="ltr"
        lang={currentLanguage()}
        className="relative min-h-0 flex-1"
        // Vim's and Emacs' keys are the editor's, as a terminal's are the shell's.
        data-keys={settings.keymap === "default" ? undefined : "raw"}
        // Monaco has keys of its own for these; the page's commands come first.
        onKeyDownCapture={(event) => void handleShortcut(event.nativeEvent)}
      />
      {settings.keymap === "vim" ? (
        <div
          ref={vimStatus}
          dir="ltr"
          className="flex h-6 shrink-0 items-center gap-2 border-t bg-canvas px-2 font-mono text-ink-2 text-xs [&_input]:flex-1 [&_input]:bg-transparent [&_input]:outline-none"
        />
      ) : null}
    </div>
  );
}

/** What the status bar tells of the text that is shown. */
function statusOf(editor: monaco.editor.IStandaloneCodeEditor): TextStatus | undefined {
  const position = editor.getPosition();
  const model = editor.getModel();
  if (!position || !model) return undefined;
  const selections = editor.getSelections() ?? [];
  const selected = selections.reduce((sum, one) => sum + model.getValueLengthInRange(one), 0);
  const { insertSpaces, indentSize, tabSize } = model.getOptions();
  return {
    cursor: { line: position.lineNumber, column: position.column, selected },
    cursors: selections.length,
    language: model.getLanguageId(),
    indentation: { spaces: insertSpaces, size: insertSpaces ? indentSize : tabSize },
  };
}

/** Selects a place, as far as the text has it, and brings it to the middle. */
function showPlace(editor: monaco.editor.IStandaloneCodeEditor, place: TextPlace): void {
  const model = editor.getModel();
  if (!model) return;
  const { line, column = 1, endLine = line, endColumn = column } = place;
  const range = model.validateRange({
    startLineNumber: line,
    startColumn: column,
    endLineNumber: endLine,
    endColumn,
  });
  editor.setSelection(range);
  editor.revealRangeInCenterIfOutsideViewport(range);
  editor.focus();
}

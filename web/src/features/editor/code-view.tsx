/** The one Monaco editor of the panel; tabs swap its model. A lazy chunk. */
import { useEffect, useRef } from "react";
import { currentLanguage } from "@/lib/i18n";
import { handleShortcut } from "@/lib/shortcuts";
import { useResolvedTheme } from "@/lib/theme";
import { applyTheme, EDITOR_OPTIONS, type MonacoBuffer, monaco } from "./monaco";
import { optionsForWidth } from "./narrow";
import type { EditorState, TextPlace } from "./session";

interface CodeViewProps {
  buffer: MonacoBuffer;
  /** The accessible name. */
  label: string;
  readOnly: boolean;
  /** The place to go to, and to tell when it is shown. */
  reveal: TextPlace | undefined;
  onRevealed: () => void;
  onCursor: (cursor: EditorState["cursor"], language: string) => void;
  /** Gives the editor to the panel's commands. */
  editorRef: (editor: monaco.editor.ICodeEditor | undefined) => void;
}

export function CodeView(props: CodeViewProps) {
  const { buffer, label, readOnly, reveal } = props;
  const place = useRef<HTMLDivElement>(null);
  const editor = useRef<monaco.editor.IStandaloneCodeEditor>(undefined);
  const shown = useRef<MonacoBuffer>(undefined);
  const theme = useResolvedTheme();
  const latest = useRef(props);
  latest.current = props;

  useEffect(() => applyTheme(theme), [theme]);

  useEffect(() => {
    const element = place.current;
    if (!element) return;
    const made = monaco.editor.create(element, {
      ...EDITOR_OPTIONS,
      ...optionsForWidth(element.clientWidth),
      model: null,
    });
    editor.current = made;
    latest.current.editorRef(made);
    const tell = () => {
      const position = made.getPosition();
      const model = made.getModel();
      if (!position || !model) return;
      const selection = made.getSelection();
      const selected = selection ? model.getValueLengthInRange(selection) : 0;
      const cursor = { line: position.lineNumber, column: position.column, selected };
      latest.current.onCursor(cursor, model.getLanguageId());
    };
    let width = element.clientWidth;
    const listeners = [
      // The tree beside it is drawn wider, a tablet is turned.
      made.onDidLayoutChange((layout) => {
        if (layout.width === width) return;
        width = layout.width;
        made.updateOptions(optionsForWidth(width));
      }),
      made.onDidChangeCursorSelection(tell),
      made.onDidChangeModel(tell),
      made.onDidChangeModelLanguage(tell),
    ];
    return () => {
      keepViewState(made, shown.current);
      for (const listener of listeners) listener.dispose();
      shown.current = undefined;
      editor.current = undefined;
      latest.current.editorRef(undefined);
      made.dispose();
    };
  }, []);

  useEffect(() => {
    const made = editor.current;
    if (!made || shown.current === buffer) return;
    keepViewState(made, shown.current);
    made.setModel(buffer.model);
    if (buffer.viewState) made.restoreViewState(buffer.viewState);
    shown.current = buffer;
  }, [buffer]);

  // After the effect above: the text is in place.
  useEffect(() => {
    if (!reveal || !editor.current || shown.current !== buffer) return;
    showPlace(editor.current, reveal);
    latest.current.onRevealed();
  }, [reveal, buffer]);

  useEffect(() => editor.current?.updateOptions({ readOnly, ariaLabel: label }), [readOnly, label]);

  return (
    <div
      ref={place}
      // Code runs left to right in every language of the interface.
      dir="ltr"
      lang={currentLanguage()}
      className="absolute inset-0"
      // Monaco has keys of its own for these; the page's commands come first.
      onKeyDownCapture={(event) => void handleShortcut(event.nativeEvent)}
    />
  );
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

function keepViewState(
  editor: monaco.editor.IStandaloneCodeEditor,
  buffer: MonacoBuffer | undefined,
): void {
  if (buffer && !buffer.model.isDisposed()) buffer.viewState = editor.saveViewState();
}

/**
 * The keys of Emacs that people's fingers know, by Monaco's own commands. A lazy chunk. What a
 * browser keeps for itself (Ctrl+N, Ctrl+T, Ctrl+W) cannot be had; arrows and Alt+W stand in.
 */
import { monaco } from "../monaco";

const { KeyCode, KeyMod } = monaco;
const C = KeyMod.WinCtrl;
const M = KeyMod.Alt;

/** Set in editors with these keys, and while a region is being marked. */
const ON = "atelierEmacs";
const MARK = "atelierEmacsMark";

interface EmacsActions {
  save: () => void;
}

/** Moves: with a mark set they select, as in Emacs. */
const MOVES: readonly [key: number, command: string][] = [
  [C | KeyCode.KeyF, "cursorRight"],
  [C | KeyCode.KeyB, "cursorLeft"],
  [C | KeyCode.KeyP, "cursorUp"],
  [C | KeyCode.KeyN, "cursorDown"],
  [C | KeyCode.KeyA, "cursorLineStart"],
  [C | KeyCode.KeyE, "cursorLineEnd"],
  [M | KeyCode.KeyF, "cursorWordEndRight"],
  [M | KeyCode.KeyB, "cursorWordLeft"],
  [C | KeyCode.KeyV, "cursorPageDown"],
  [M | KeyCode.KeyV, "cursorPageUp"],
  [M | KeyMod.Shift | KeyCode.Comma, "cursorTop"],
  [M | KeyMod.Shift | KeyCode.Period, "cursorBottom"],
];

const COMMANDS: readonly [key: number, command: string][] = [
  [C | KeyCode.KeyD, "deleteRight"],
  [M | KeyCode.KeyD, "deleteWordRight"],
  [M | KeyCode.Backspace, "deleteWordLeft"],
  [C | KeyCode.Slash, "undo"],
  [C | KeyMod.Shift | KeyCode.Minus, "undo"],
  [C | KeyCode.KeyS, "actions.find"],
  [C | KeyCode.KeyR, "actions.find"],
  [C | KeyCode.KeyO, "lineBreakInsert"],
  [M | KeyCode.Semicolon, "editor.action.commentLine"],
  [monaco.KeyMod.chord(C | KeyCode.KeyX, KeyCode.KeyH), "editor.action.selectAll"],
];

/** Emacs' one kill ring, as long as the last kill. */
let killed = "";
let registered = false;

/** The editor that has these keys and the focus. */
let current: { editor: monaco.editor.IStandaloneCodeEditor; actions: EmacsActions; mark: Mark };
type Mark = monaco.editor.IContextKey<boolean>;

function register(): void {
  if (registered) return;
  registered = true;
  const own = (id: string, run: () => void) => {
    monaco.editor.addCommand({ id: `atelier.emacs.${id}`, run });
    return `atelier.emacs.${id}`;
  };
  const selected = () => {
    const model = current.editor.getModel();
    const range = current.editor.getSelection();
    return model && range ? { model, range, text: model.getValueInRange(range) } : undefined;
  };
  const replace = (range: monaco.IRange, text: string) => {
    current.editor.pushUndoStop();
    current.editor.executeEdits("emacs", [{ range, text, forceMoveMarkers: true }]);
    current.mark.set(false);
  };
  const setMark = own("mark", () => {
    dropMark();
    current.mark.set(true);
  });
  const dropMark = () => {
    const position = current.editor.getPosition();
    if (position) current.editor.setPosition(position);
    current.mark.set(false);
  };
  const cancel = own("cancel", dropMark);
  const killLine = own("killLine", () => {
    const at = selected();
    const position = current.editor.getPosition();
    if (!at || !position) return;
    const end = at.model.getLineMaxColumn(position.lineNumber);
    const onEnd = position.column === end;
    const range = new monaco.Range(
      position.lineNumber,
      position.column,
      onEnd ? position.lineNumber + 1 : position.lineNumber,
      onEnd ? 1 : end,
    );
    killed = at.model.getValueInRange(range);
    replace(range, "");
  });
  const killRegion = own("killRegion", () => {
    const at = selected();
    if (!at) return;
    killed = at.text;
    replace(at.range, "");
  });
  const copyRegion = own("copyRegion", () => {
    const at = selected();
    if (!at) return;
    killed = at.text;
    dropMark();
  });
  const yank = own("yank", () => {
    const range = current.editor.getSelection();
    if (range) replace(range, killed);
  });
  const save = own("save", () => current.actions.save());
  const focused = `${ON} && editorTextFocus`;
  monaco.editor.addKeybindingRules([
    ...MOVES.flatMap(([keybinding, command]) => [
      { keybinding, command, when: `${focused} && !${MARK}` },
      { keybinding, command: `${command}Select`, when: `${focused} && ${MARK}` },
    ]),
    ...COMMANDS.map(([keybinding, command]) => ({ keybinding, command, when: focused })),
    { keybinding: C | KeyCode.Space, command: setMark, when: focused },
    { keybinding: C | KeyCode.KeyG, command: cancel, when: focused },
    { keybinding: C | KeyCode.KeyK, command: killLine, when: focused },
    { keybinding: C | KeyCode.KeyW, command: killRegion, when: focused },
    { keybinding: M | KeyCode.KeyW, command: copyRegion, when: focused },
    { keybinding: C | KeyCode.KeyY, command: yank, when: focused },
    {
      keybinding: KeyMod.chord(C | KeyCode.KeyX, C | KeyCode.KeyS),
      command: save,
      when: focused,
    },
  ]);
}

/** Gives `target` these keys until the returned function is called. */
export function attachEmacs(
  target: monaco.editor.IStandaloneCodeEditor,
  actions: EmacsActions,
): () => void {
  register();
  const on = target.createContextKey<boolean>(ON, true);
  const mark = target.createContextKey<boolean>(MARK, false);
  current = { editor: target, actions, mark };
  const focus = target.onDidFocusEditorText(() => {
    current = { editor: target, actions, mark };
  });
  const typed = target.onDidChangeModelContent(() => mark.set(false));
  return () => {
    focus.dispose();
    typed.dispose();
    on.set(false);
    mark.set(false);
  };
}

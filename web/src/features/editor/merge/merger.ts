/** The editors of a merge: the sides, to be read, and the result, in which conflicts are decided. */
import type { MergeResult, MergeTexts, MergeViewProps } from "@/lib/merge-view";
import { EDITOR_OPTIONS, languageOf, monaco } from "../monaco";
import { optionsFor } from "../settings/options";
import { currentEditorSettings } from "../settings/settings";
import {
  type Choice,
  type Conflict,
  type ConflictSides,
  conflictAt,
  conflictFrom,
  conflictsIn,
  decided,
  withMarkers,
} from "./markers";
import { merge3 } from "./merge3";
import { changesOf, commonOf, placeOf } from "./sides";

const SIDES = ["mine", "base", "theirs"] as const;
export type Side = (typeof SIDES)[number];
export type Pane = Side | "result";

type Editor = monaco.editor.IStandaloneCodeEditor;

interface SideEditor {
  side: Side;
  editor: Editor;
  lines: readonly string[];
  /** The conflict that the cursor is in. */
  current: monaco.editor.IEditorDecorationsCollection;
}

export interface MergerInput {
  path: string;
  texts: MergeTexts;
  start: string;
  unsaved: boolean;
  /** Where each stands; none for a base that is not there. */
  boxes: Partial<Record<Pane, HTMLElement>>;
  words: MergeViewProps["words"] & { result: string };
  onState: (state: { left: number; dirty: boolean; broken: boolean }) => void;
}

export class Merger implements MergeResult {
  private readonly model: monaco.editor.ITextModel;
  private readonly result: Editor;
  private readonly marks: monaco.editor.IEditorDecorationsCollection;
  private readonly sides: SideEditor[] = [];
  private readonly made: { dispose(): void }[] = [];
  private conflicts: readonly Conflict[] = [];
  /** The version of the text that is on disk; none where there is no such. */
  private savedVersion: number | undefined;

  constructor(private readonly input: MergerInput) {
    const { boxes, start, words } = input;
    for (const side of SIDES) {
      const box = boxes[side];
      if (box) this.sides.push(this.showSide(side, box));
    }
    if (!boxes.result) throw new Error("the result has no place");
    this.result = this.show(boxes.result, start, words.result, false);
    this.model = this.modelOf(this.result);
    if (!input.unsaved) this.savedVersion = this.model.getAlternativeVersionId();
    this.marks = this.result.createDecorationsCollection();
    this.made.push(
      this.model.onDidChangeContent(() => this.read()),
      this.result.onDidChangeCursorPosition(() => this.showCurrent()),
      this.offer(),
    );
    this.read();
    this.goTo(this.conflicts[0]);
  }

  text(): string {
    // With its byte order mark, where it has one.
    return this.model.getValue(undefined, true);
  }

  saved(): void {
    this.savedVersion = this.model.getAlternativeVersionId();
    this.tell();
  }

  focus(): void {
    this.result.focus();
  }

  /** Goes to the next conflict, around the end. */
  step(by: 1 | -1): void {
    this.goTo(conflictFrom(this.conflicts, this.line(), by));
    this.result.focus();
  }

  /** Decides a conflict: that which begins in `line`, else the one that the cursor is in, else the next. */
  decide(choice: Choice, line = this.line()): void {
    const conflict = conflictAt(this.conflicts, line);
    if (!conflict?.sides) return;
    const { first, last, sides } = conflict;
    const lines = decided(sides, choice);
    const end = this.model.getEOL();
    const isLast = last === this.model.getLineCount();
    const range = isLast
      ? new monaco.Range(first, 1, last, this.model.getLineMaxColumn(last))
      : new monaco.Range(first, 1, last + 1, 1);
    const text = isLast ? lines.join(end) : lines.map((one) => one + end).join("");
    this.edit(range, text);
    this.result.setPosition({ lineNumber: first, column: 1 });
    this.goTo(conflictAt(this.conflicts, first));
  }

  /** Makes the result anew of the sides; that can be undone like any other edit. */
  restart(): void {
    const { texts, words } = this.input;
    const merged = merge3(
      texts.mine,
      texts.base ?? commonOf(texts.mine, texts.theirs),
      texts.theirs,
    );
    const text =
      merged.kind === "conflicts"
        ? withMarkers(merged.chunks, words)
        : merged.kind === "clean"
          ? merged.text
          : texts.mine;
    this.edit(this.model.getFullModelRange(), text);
    this.goTo(this.conflicts[0]);
  }

  dispose(): void {
    for (const one of this.made.reverse()) one.dispose();
  }

  private show(box: HTMLElement, text: string, label: string, readOnly: boolean): Editor {
    const model = monaco.editor.createModel(text, languageOf(this.input.path));
    const editor = monaco.editor.create(box, {
      ...EDITOR_OPTIONS,
      ...optionsFor(currentEditorSettings(), box.clientWidth),
      minimap: { enabled: false },
      stickyScroll: { enabled: false },
      // The number of the empty last line is otherwise too faint to be read.
      renderFinalNewline: "on",
      ariaLabel: label,
      readOnly,
      domReadOnly: readOnly,
      codeLens: !readOnly,
      ...(readOnly ? { folding: false, renderLineHighlight: "none" as const } : {}),
      model,
    });
    this.made.push(model, editor);
    return editor;
  }

  private showSide(side: Side, box: HTMLElement): SideEditor {
    const { texts, words } = this.input;
    const editor = this.show(box, texts[side] ?? "", words[side], true);
    const lines = this.modelOf(editor).getLinesContent();
    if (side !== "base" && texts.base !== undefined) {
      const base = texts.base.split(/\r?\n/);
      editor.createDecorationsCollection(
        changesOf(base, lines).map(({ first, last }) => ({
          range: new monaco.Range(Math.min(first, lines.length), 1, Math.max(last, 1), 1),
          options:
            last < first
              ? { isWholeLine: true, linesDecorationsClassName: "merge-removed" }
              : {
                  isWholeLine: true,
                  className: "merge-changed",
                  linesDecorationsClassName: "merge-bar",
                },
        })),
      );
    }
    return { side, editor, lines, current: editor.createDecorationsCollection() };
  }

  private modelOf(editor: Editor): monaco.editor.ITextModel {
    const model = editor.getModel();
    if (!model) throw new Error("an editor of a merge always has its model");
    return model;
  }

  private line(): number {
    return this.result.getPosition()?.lineNumber ?? 1;
  }

  private edit(range: monaco.IRange, text: string): void {
    this.result.pushUndoStop();
    this.result.executeEdits("merge", [{ range, text, forceMoveMarkers: true }]);
    this.result.pushUndoStop();
  }

  /** Looks which conflicts are left in the text. */
  private read(): void {
    this.conflicts = conflictsIn(this.model.getLinesContent());
    this.showCurrent();
    this.tell();
  }

  private tell(): void {
    this.input.onState({
      left: this.conflicts.length,
      dirty: this.model.getAlternativeVersionId() !== this.savedVersion,
      broken: this.conflicts.some(({ sides }) => sides === undefined),
    });
  }

  private goTo(conflict: Conflict | undefined): void {
    if (!conflict) return;
    this.result.setPosition({ lineNumber: conflict.first, column: 1 });
    this.result.revealLinesInCenterIfOutsideViewport(conflict.first, conflict.last);
  }

  /** Marks the conflicts, and shows on the sides where the one at the cursor is. */
  private showCurrent(): void {
    const line = this.line();
    const current = this.conflicts.find(({ first, last }) => first <= line && line <= last);
    this.marks.set(
      this.conflicts.map((conflict) => ({
        range: new monaco.Range(conflict.first, 1, conflict.last, 1),
        options: {
          isWholeLine: true,
          className: conflict === current ? "merge-conflict merge-current" : "merge-conflict",
          overviewRuler: { color: "#b4750a", position: monaco.editor.OverviewRulerLane.Full },
        },
      })),
    );
    for (const { side, editor, lines, current: mark } of this.sides) {
      const wanted = current?.sides?.[side];
      if (!current || !wanted) {
        mark.clear();
        continue;
      }
      const { first, last } = placeOf(lines, wanted, this.near(current, side));
      const end = Math.max(first, last);
      mark.set([
        {
          range: new monaco.Range(first, 1, end, 1),
          options: { isWholeLine: true, className: "merge-conflict merge-current" },
        },
      ]);
      editor.revealLinesInCenterIfOutsideViewport(first, end);
    }
  }

  /** About where a conflict begins on a side: where it would, were all before it decided for that side. */
  private near(conflict: Conflict, side: keyof ConflictSides): number {
    const before = this.conflicts.filter(({ first }) => first < conflict.first);
    return before.reduce(
      (near, { first, last, sides }) => near - (last - first + 1) + (sides?.[side]?.length ?? 0),
      conflict.first,
    );
  }

  /** Offers to decide each conflict, above it. */
  private offer(): { dispose(): void } {
    const { words } = this.input;
    const command = this.result.addCommand(0, (_: unknown, choice: Choice, line: number) =>
      this.decide(choice, line),
    );
    const titles: [Choice, string][] = [
      ["mine", words.takeMine],
      ["theirs", words.takeTheirs],
      ["mineFirst", words.takeMineFirst],
      ["theirsFirst", words.takeTheirsFirst],
    ];
    return monaco.languages.registerCodeLensProvider("*", {
      provideCodeLenses: (model) => {
        const whole = model === this.model ? this.conflicts.filter(({ sides }) => sides) : [];
        const lenses = whole.flatMap(({ first }) =>
          titles.map(([choice, title]) => ({
            range: new monaco.Range(first, 1, first, 1),
            command: { id: command ?? "", title, arguments: [choice, first] },
          })),
        );
        return { lenses, dispose: () => {} };
      },
    });
  }
}

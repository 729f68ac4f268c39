/**
 * Both the disk and the editor have changed the same lines: each conflict is decided, or the result
 * edited by hand. Nothing is lost until then, and nothing is saved. A lazy chunk.
 */
import { useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "@/components/ui/button";
import { Dialog, DialogFooter } from "@/components/ui/dialog";
import { shownPath } from "@/lib/shown-path";
import { useResolvedTheme } from "@/lib/theme";
import { applyTheme, EDITOR_OPTIONS, languageOf, monaco } from "../monaco";
import type { EditorSession } from "../session";
import { optionsFor } from "../settings/options";
import { currentEditorSettings } from "../settings/settings";
import { type Choice, conflictsLeft, decided, type PlacedConflict, withMarkers } from "./markers";
import { merge3 } from "./merge3";

interface MergeDialogProps {
  session: EditorSession;
  path: string;
  texts: { mine: string; base: string; theirs: string };
  onClose: () => void;
}

export function MergeDialog({ session, path, texts, onClose }: MergeDialogProps) {
  const { t } = useTranslation("editor");
  const merger = useRef<Merger>(undefined);
  const [left, setLeft] = useState<number>();
  const merged = useMemo(() => merge3(texts.mine, texts.base, texts.theirs), [texts]);
  const { text, conflicts } = useMemo(() => {
    const labels = { mine: t("merge.mine"), base: t("merge.base"), theirs: t("merge.theirs") };
    if (merged.kind === "conflicts") return withMarkers(merged.chunks, labels);
    return { text: merged.kind === "clean" ? merged.text : texts.mine, conflicts: [] };
  }, [merged, texts, t]);

  const apply = () => {
    const text = merger.current?.text();
    if (text === undefined) return;
    session.file(path)?.adoptMerge(text, texts.theirs);
    onClose();
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={t("merge.title", { name: shownPath(path) })}
      description={t(merged.kind === "tooLarge" ? "merge.tooLarge" : "merge.detail")}
      className="sm:top-[4vh] sm:max-h-[92vh] sm:max-w-[min(1200px,94vw)]"
    >
      <div className="flex flex-wrap items-center gap-2 border-b bg-canvas px-4 py-2">
        <output className="me-auto">
          {left === undefined
            ? null
            : left === 0
              ? t("merge.none")
              : t("merge.left", { count: left })}
        </output>
        <Button size="sm" onClick={() => merger.current?.step(-1)}>
          {t("merge.previous")}
        </Button>
        <Button size="sm" onClick={() => merger.current?.step(1)}>
          {t("merge.next")}
        </Button>
        {(["mine", "theirs", "both"] as const).map((choice) => (
          <Button
            key={choice}
            size="sm"
            disabled={left === 0}
            onClick={() => merger.current?.decide(choice)}
          >
            {t(`merge.take.${choice}`)}
          </Button>
        ))}
      </div>
      <ResultEditor
        path={path}
        text={text}
        conflicts={conflicts}
        onLeft={setLeft}
        mergerRef={(made) => {
          merger.current = made;
        }}
      />
      <DialogFooter>
        <Button onClick={onClose}>{t("merge.later")}</Button>
        <Button
          variant="primary"
          disabledReason={left === 0 ? undefined : t("merge.undecided")}
          onClick={apply}
        >
          {t("merge.apply")}
        </Button>
      </DialogFooter>
    </Dialog>
  );
}

interface ResultEditorProps {
  path: string;
  text: string;
  conflicts: PlacedConflict[];
  onLeft: (left: number) => void;
  mergerRef: (merger: Merger | undefined) => void;
}

/** A component of its own: the dialog's content is there only after the dialog. */
function ResultEditor(props: ResultEditorProps) {
  const { path, text, conflicts } = props;
  const element = useRef<HTMLDivElement>(null);
  const theme = useResolvedTheme();
  const latest = useRef(props);
  latest.current = props;
  useEffect(() => applyTheme(theme, currentEditorSettings().theme), [theme]);
  useEffect(() => {
    const box = element.current;
    if (!box) return;
    const made = new Merger(box, path, text, conflicts, (left) => latest.current.onLeft(left));
    latest.current.mergerRef(made);
    return () => {
      latest.current.mergerRef(undefined);
      made.dispose();
    };
  }, [path, text, conflicts]);
  return <div ref={element} dir="ltr" className="h-[60vh] min-h-0" />;
}

/** The editor of the result, and where its conflicts are while it is edited. */
class Merger {
  private readonly model: monaco.editor.ITextModel;
  private readonly editor: monaco.editor.IStandaloneCodeEditor;
  private readonly marks: monaco.editor.IEditorDecorationsCollection;

  constructor(
    box: HTMLElement,
    path: string,
    text: string,
    private conflicts: PlacedConflict[],
    private readonly tellLeft: (left: number) => void,
  ) {
    this.model = monaco.editor.createModel(text, languageOf(path));
    this.editor = monaco.editor.create(box, {
      ...EDITOR_OPTIONS,
      ...optionsFor(currentEditorSettings(), box.clientWidth),
      minimap: { enabled: false },
      model: this.model,
    });
    this.marks = this.editor.createDecorationsCollection(
      conflicts.map(({ startLine, endLine }) => ({
        range: new monaco.Range(startLine, 1, endLine, 1),
        options: { isWholeLine: true, className: "merge-conflict" },
      })),
    );
    this.model.onDidChangeContent(() => this.tellLeft(conflictsLeft(this.model.getValue())));
    this.tellLeft(conflictsLeft(text));
    this.step(1);
  }

  text(): string {
    return this.model.getValue();
  }

  /** Goes to the next conflict, around the end. */
  step(by: 1 | -1): void {
    const ranges = this.marks.getRanges();
    if (ranges.length === 0) return;
    const line = this.editor.getPosition()?.lineNumber ?? 1;
    const behind = ranges.find(({ startLineNumber }) => startLineNumber > line);
    const before = ranges.findLast(({ endLineNumber }) => endLineNumber < line);
    const next = by === 1 ? (behind ?? ranges[0]) : (before ?? ranges.at(-1));
    if (!next) return;
    this.editor.setPosition({ lineNumber: next.startLineNumber, column: 1 });
    this.editor.revealRangeInCenter(next);
  }

  /** Decides the conflict that the cursor is in, else the next one. */
  decide(choice: Choice): void {
    const ranges = this.marks.getRanges();
    const line = this.editor.getPosition()?.lineNumber ?? 1;
    const here = ranges.findIndex(
      (range) => range.startLineNumber <= line && line <= range.endLineNumber,
    );
    const at = Math.max(0, here);
    const range = ranges[at];
    const placed = this.conflicts[at];
    if (!range || !placed) return;
    const lines = {
      startLineNumber: range.startLineNumber,
      startColumn: 1,
      endLineNumber: range.endLineNumber + 1,
      endColumn: 1,
    };
    this.conflicts = this.conflicts.filter((one) => one !== placed);
    this.marks.set(
      ranges
        .filter((_, index) => index !== at)
        .map((other) => ({
          range: other,
          options: { isWholeLine: true, className: "merge-conflict" },
        })),
    );
    this.editor.pushUndoStop();
    this.editor.executeEdits("merge", [{ range: lines, text: decided(placed.conflict, choice) }]);
    this.editor.pushUndoStop();
    this.step(1);
  }

  dispose(): void {
    this.editor.dispose();
    this.model.dispose();
  }
}

/** Who has written the lines, beside them: at the cursor's line, or at all. */
import type { editor } from "monaco-editor";
import { useEffect, useMemo } from "react";
import { useTranslation } from "react-i18next";
import { $api } from "@/api/client";
import { currentLocale } from "@/lib/i18n";
import { relativeTime } from "@/lib/relative-time";
import type { TextView } from "@/lib/text-views";
import type { GitBlameCommit } from "../types";
import { blameLines } from "./blame-lines";
import { lineChanges, textLines } from "./line-changes";
import type { FilePlace } from "./repository";
import type { BlameMode } from "./store";

/** How wide the column is, in characters. */
const COLUMN = 28;
/** Longer texts get no column: each of its lines is an object of the editor. */
const COLUMN_LINES_MAX = 20_000;
const SUBJECT_MAX = 60;
const WRITE_AFTER_MS = 80;

interface BlameNotesProps {
  workspace: string;
  view: TextView;
  place: FilePlace;
  mode: Exclude<BlameMode, "off">;
  onCommit: (commit: string) => void;
}

export function BlameNotes({ workspace, view, place, mode, onCommit }: BlameNotesProps) {
  const { t } = useTranslation("git");
  const { editor: code, model, monaco } = view;
  const { status, file } = place;
  const commit = status.commit ?? "";
  const about = { path: status.root, file, commit };
  const options = { enabled: commit !== "", retry: false, staleTime: Number.POSITIVE_INFINITY };
  const blame = $api.useQuery(
    "get",
    "/api/v1/workspaces/{workspace}/git/blame",
    { params: { path: { workspace }, query: about } },
    options,
  );
  const base = $api.useQuery(
    "get",
    "/api/v1/workspaces/{workspace}/git/content",
    { params: { path: { workspace }, query: { ...about, source: "commit" } } },
    options,
  );
  const before = useMemo(
    () => (base.data?.exists ? textLines(base.data.text) : undefined),
    [base.data],
  );

  useEffect(() => {
    const known = blame.data;
    if (!known || !before) return;
    const notes = code.createDecorationsCollection();
    let lines: (GitBlameCommit | undefined)[] = [];
    const noteAt = (line: number, text: string, column: boolean) =>
      decoration(monaco, model, line, text, column);
    // After the last line's end an editor shows one more, which is in no file.
    const isNone = (line: number) =>
      line === model.getLineCount() && model.getLineMaxColumn(line) === 1;
    const columnAt = (line: number) => {
      const [above, one] = [lines[line - 2], lines[line - 1]];
      if (isNone(line) || (line > 1 && above === one)) return "\u00a0".repeat(COLUMN);
      return columnText(one, t("blame.notYet"));
    };
    const write = () => {
      if (mode === "all" && lines.length <= COLUMN_LINES_MAX) {
        notes.set(lines.map((_, index) => noteAt(index + 1, columnAt(index + 1), true)));
        return;
      }
      const line = code.getPosition()?.lineNumber;
      if (line === undefined || line > model.getLineCount() || isNone(line)) notes.clear();
      else notes.set([noteAt(line, lineText(lines[line - 1], t("blame.notYet")), false)]);
    };
    const read = () => {
      if (model.isDisposed()) return;
      const changes = lineChanges(before, model.getLinesContent());
      lines = changes ? blameLines(known, changes, model.getLineCount()) : [];
      if (changes) write();
      else notes.clear();
    };
    let pressed: GitBlameCommit | undefined;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const listeners = [
      model.onDidChangeContent(() => {
        clearTimeout(timer);
        timer = setTimeout(read, WRITE_AFTER_MS);
      }),
      code.onDidChangeCursorPosition(() => {
        if (mode === "line" || lines.length > COLUMN_LINES_MAX) write();
      }),
      code.onMouseDown(({ target }) => {
        const classes = target.element?.classList;
        const isNote = classes?.contains("git-blame-column") || classes?.contains("git-blame");
        pressed = isNote ? lines[(target.position?.lineNumber ?? 0) - 1] : undefined;
      }),
      // Until the button is up the editor takes the focus from what opens; and it names no element then.
      code.onMouseUp(() => {
        if (pressed) onCommit(pressed.id);
        pressed = undefined;
      }),
    ];
    read();
    return () => {
      clearTimeout(timer);
      for (const listener of listeners) listener.dispose();
      notes.clear();
    };
  }, [blame.data, before, code, model, monaco, mode, onCommit, t]);
  return null;
}

function decoration(
  monaco: TextView["monaco"],
  model: TextView["model"],
  line: number,
  content: string,
  column: boolean,
): editor.IModelDeltaDecoration {
  const at = column ? 1 : model.getLineMaxColumn(line);
  const injected: editor.InjectedTextOptions = {
    content,
    inlineClassName: column ? "git-blame-column" : "git-blame",
    cursorStops: monaco.editor.InjectedTextCursorStops[column ? "Right" : "Left"],
  };
  return {
    range: { startLineNumber: line, startColumn: at, endLineNumber: line, endColumn: at },
    options: {
      showIfCollapsed: true,
      [column ? "before" : "after"]: injected,
    },
  };
}

function ago({ author }: GitBlameCommit): string {
  return relativeTime(author.at, Date.now(), currentLocale());
}

/** Who and when, cut and filled to the column's width. */
function columnText(commit: GitBlameCommit | undefined, notYet: string): string {
  const when = commit ? ago(commit) : "";
  const who = commit ? commit.author.name : notYet;
  const text = `${cut(who, COLUMN - when.length - 3)} ${when}`;
  return text
    .slice(0, COLUMN - 2)
    .padEnd(COLUMN, "\u00a0")
    .replaceAll(" ", "\u00a0");
}

function lineText(commit: GitBlameCommit | undefined, notYet: string): string {
  const text = commit
    ? `${commit.author.name}, ${ago(commit)} · ${cut(commit.subject, SUBJECT_MAX)}`
    : notYet;
  return `${"\u00a0".repeat(4)}${text}`;
}

function cut(text: string, max: number): string {
  return text.length <= max ? text : `${text.slice(0, Math.max(1, max - 1))}…`;
}

/** A file too large for the editor: read in windows, numbered, searched, followed as it grows. */
import { useEffect, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { cn } from "@/lib/cn";
import { shownPath } from "@/lib/shown-path";
import { type EditorFiles, failureOf } from "../files";
import { BLOCK_BYTES } from "./byte-blocks";
import { ByteScroller, ROW_PX } from "./byte-scroller";
import { LargeToolbar } from "./large-toolbar";
import { ROW_BYTES_MAX, type Row, rowsBefore, rowsIn } from "./rows";
import { findBytes } from "./scan";
import { lineAt, useBlocks, useLineIndex } from "./use-blocks";

interface LargeTextProps {
  workspace: string;
  path: string;
  content: { size: number; etag: string | undefined };
  files: EditorFiles;
  onHex: () => void;
}

interface Top {
  start: number;
  lineStart: boolean;
}

const BEGIN: Top = { start: 0, lineStart: true };

export function LargeText({ workspace, path, content, files, onHex }: LargeTextProps) {
  const { t } = useTranslation("editor");
  const blocks = useBlocks(files, path, content);
  const { size } = blocks;
  const [top, setTop] = useState<Top>(BEGIN);
  /** A place that is wanted, and found as soon as what stands around it is read. */
  const [wanted, setWanted] = useState<number>();
  const [wantedLine, setWantedLine] = useState<number>();
  const [count, setCount] = useState(1);
  const [found, setFound] = useState<string>();
  const [follow, setFollow] = useState(false);

  const reach = Math.min(size, top.start + (count + 1) * ROW_BYTES_MAX);
  const bytes = blocks.peek(top.start, reach);
  const rows = useMemo(
    () =>
      bytes
        ? rowsIn(bytes, top.start, {
            count: count + 1,
            lineStart: top.lineStart,
            atEnd: reach === size,
          })
        : undefined,
    [bytes, top, count, reach, size],
  );
  const index = useLineIndex(files, path, size, rows !== undefined);
  const numbered = lineAt(top.start, index, blocks);

  const before = (offset: number, rowCount: number): Top | undefined => {
    if (offset <= 0) return BEGIN;
    const from = Math.max(0, offset - (rowCount + 1) * ROW_BYTES_MAX);
    const part = blocks.bytes(from, offset);
    return part && rowsBefore(part, from, rowCount);
  };
  /** The row that holds an offset; at the end, the last screen. */
  const rowAt = (offset: number): Top | undefined =>
    offset >= size ? before(size, count - 1) : before(Math.min(size, offset + 1), 1);

  // Looked at again whenever a part has come, or another was dropped.
  useEffect(() => {
    blocks.bytes(top.start, reach);
    // The line's number is counted from its block's beginning.
    blocks.bytes(Math.floor(top.start / BLOCK_BYTES) * BLOCK_BYTES, top.start);
    if (wanted === undefined) return;
    const place = rowAt(wanted);
    if (!place) return;
    setTop(place);
    setWanted(undefined);
  });
  useEffect(() => {
    if (follow) setWanted(size);
  }, [follow, size]);

  const move = (by: number) => {
    setFollow(false);
    if (by > 0) {
      const next = rows?.[Math.min(by, Math.max(0, rows.length - 2))];
      // The last screen stays full.
      const end = rows && rows.at(-1)?.end === size && rows.length <= count;
      if (next && !end) setTop({ start: next.start, lineStart: next.lineStart });
    } else {
      const place = before(top.start, -by);
      if (place) setTop(place);
    }
  };
  // A line that is not counted yet is gone to as soon as it is.
  const place = wantedLine === undefined ? undefined : index.blockOf(wantedLine);
  const block = place?.block;
  const skip = wantedLine === undefined || !place ? 0 : wantedLine - 1 - place.before;
  useEffect(() => {
    if (block === undefined) return;
    const from = block * BLOCK_BYTES;
    const stop = new AbortController();
    files.readRange(path, from, Math.min(size, from + BLOCK_BYTES), stop.signal).then(
      (read) => {
        let at = 0;
        for (let left = skip; left > 0; left -= 1) at = read.bytes.indexOf(0x0a, at) + 1;
        setFollow(false);
        setWanted(from + at);
        setWantedLine(undefined);
      },
      () => {
        // Stopped; or the view itself says why the file cannot be read.
        setWantedLine(undefined);
      },
    );
    return () => stop.abort();
  }, [files, path, size, block, skip]);

  return (
    <div className="flex h-full min-h-0 flex-col">
      <LargeToolbar
        workspace={workspace}
        path={path}
        size={size}
        lines={{ count: index.lines, exact: index.scanned >= size }}
        follow={follow}
        onFollow={setFollow}
        onOffset={(offset) => setWanted(Math.min(size, offset))}
        onLine={(line) => {
          const known = line <= index.lines || index.scanned < size;
          if (known) setWantedLine(line);
          return known;
        }}
        onFind={async (text, ignoreCase, signal) => {
          setFound(text);
          const needle = new TextEncoder().encode(text);
          const start = (rows?.[0]?.end ?? top.start) + 1;
          const at = await findBytes(files, path, { start, size }, needle, ignoreCase, signal);
          if (at !== undefined) setWanted(at);
          return at !== undefined;
        }}
        other={{ label: t("large.asHex"), onSelect: onHex }}
      />
      {blocks.failure === undefined ? null : (
        <p role="alert" className="border-b bg-bad-soft px-4 py-2">
          {failureOf(blocks.failure).message}{" "}
          <button type="button" className="underline" onClick={() => blocks.retry()}>
            {t("large.retry")}
          </button>
        </p>
      )}
      <ByteScroller
        label={t("large.content", { name: shownPath(path) })}
        size={size}
        top={top.start}
        rows={count}
        onMove={move}
        onJump={(offset) => {
          setFollow(false);
          setWanted(offset);
        }}
        onRows={setCount}
      >
        {rows ? (
          <Rows rows={rows} first={numbered.line} exact={numbered.exact} found={found} />
        ) : (
          <div aria-hidden className="skeleton m-4 h-3 w-1/3" />
        )}
      </ByteScroller>
    </div>
  );
}

interface RowsProps {
  rows: readonly Row[];
  first: number;
  exact: boolean;
  found: string | undefined;
}

function Rows({ rows, first, exact, found }: RowsProps) {
  let line = first - (rows[0]?.lineStart === false ? 0 : 1);
  return rows.map((row) => {
    if (row.lineStart) line += 1;
    return (
      <div key={row.start} className="flex whitespace-pre" style={{ height: ROW_PX }}>
        <span
          aria-hidden
          className={cn(
            "sticky start-0 w-24 shrink-0 select-none bg-surface pe-4 text-end text-ink-3 tabular-nums",
            !exact && "italic",
          )}
        >
          {row.lineStart ? `${exact ? "" : "≈"}${line}` : "↪"}
        </span>
        <span className="pe-4">{marked(row.text, found)}</span>
      </div>
    );
  });
}

/** The text with what was searched for marked. */
function marked(text: string, found: string | undefined) {
  const at = found ? text.toLowerCase().indexOf(found.toLowerCase()) : -1;
  if (!found || at < 0) return text || " ";
  return (
    <>
      {text.slice(0, at)}
      <mark className="bg-warn-soft text-ink">{text.slice(at, at + found.length)}</mark>
      {text.slice(at + found.length)}
    </>
  );
}

/** The bytes of a file, sixteen a row as `hexdump -C` shows them, read in windows. */
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { shownPath } from "@/lib/shown-path";
import { type EditorFiles, failureOf } from "../files";
import { ByteScroller, ROW_PX } from "./byte-scroller";
import { needleOf } from "./hex";
import { LargeToolbar } from "./large-toolbar";
import { findBytes } from "./scan";
import { useBlocks } from "./use-blocks";

interface HexViewProps {
  workspace: string;
  path: string;
  content: { size: number; etag: string | undefined };
  files: EditorFiles;
}

const ROW_BYTES = 16;

export function HexView({ workspace, path, content, files }: HexViewProps) {
  const { t } = useTranslation("editor");
  const blocks = useBlocks(files, path, content);
  const { size } = blocks;
  const [top, setTop] = useState(0);
  const [count, setCount] = useState(1);
  const [follow, setFollow] = useState(false);
  /** What was found last, to be marked. */
  const [found, setFound] = useState<{ start: number; end: number }>();
  const last = Math.max(0, (Math.ceil(size / ROW_BYTES) - count) * ROW_BYTES);
  const shown = follow ? last : Math.min(top, last);
  const end = shown + (count + 1) * ROW_BYTES;
  const bytes = blocks.peek(shown, end);
  useEffect(() => {
    blocks.bytes(shown, end);
  });
  const jump = (offset: number) => {
    setFollow(false);
    setTop(Math.min(last, Math.max(0, Math.floor(offset / ROW_BYTES) * ROW_BYTES)));
  };
  return (
    <div className="flex h-full min-h-0 flex-col">
      <LargeToolbar
        workspace={workspace}
        path={path}
        size={size}
        follow={follow}
        onFollow={setFollow}
        onOffset={jump}
        onFind={async (text, ignoreCase, signal) => {
          const needle = needleOf(text);
          const start = (found?.start ?? shown - 1) + 1;
          const folded = ignoreCase && needle.text;
          const at = await findBytes(files, path, { start, size }, needle.bytes, folded, signal);
          setFound(at === undefined ? undefined : { start: at, end: at + needle.bytes.length });
          if (at !== undefined) jump(at);
          return at !== undefined;
        }}
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
        label={t("large.bytesOf", { name: shownPath(path) })}
        size={size}
        top={shown}
        rows={count}
        onMove={(rows) => jump(shown + rows * ROW_BYTES)}
        onJump={jump}
        onRows={setCount}
      >
        {bytes ? (
          <HexRows bytes={bytes} offset={shown} found={found} />
        ) : (
          <div aria-hidden className="skeleton m-4 h-3 w-1/3" />
        )}
      </ByteScroller>
    </div>
  );
}

interface HexRowsProps {
  bytes: Uint8Array;
  offset: number;
  found: { start: number; end: number } | undefined;
}

function HexRows({ bytes, offset, found }: HexRowsProps) {
  const rows = Array.from({ length: Math.ceil(bytes.length / ROW_BYTES) }, (_, index) => ({
    start: offset + index * ROW_BYTES,
    bytes: [...bytes.subarray(index * ROW_BYTES, (index + 1) * ROW_BYTES)],
  }));
  const isFound = (at: number) => found !== undefined && at >= found.start && at < found.end;
  return rows.map((row) => (
    <div
      key={row.start}
      className="flex items-center gap-4 whitespace-pre px-4"
      style={{ height: ROW_PX }}
    >
      <span className="text-ink-3 tabular-nums">{row.start.toString(16).padStart(8, "0")}</span>
      <span className="w-[49ch]">
        {row.bytes.map((byte, index) => {
          const text = byte.toString(16).padStart(2, "0") + (index === 7 ? "  " : " ");
          const at = row.start + index;
          return isFound(at) ? (
            <mark key={at} className="bg-warn-soft text-ink">
              {text}
            </mark>
          ) : (
            text
          );
        })}
      </span>
      <span className="text-ink-2">
        {row.bytes
          .map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : "."))
          .join("")}
      </span>
    </div>
  ));
}

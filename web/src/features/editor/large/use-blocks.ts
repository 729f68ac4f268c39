/** The parts of a large file, for as long as it is shown, and its lines counted meanwhile. */
import { useEffect, useMemo, useReducer, useRef, useState } from "react";
import type { EditorFiles } from "../files";
import { BLOCK_BYTES, ByteBlocks } from "./byte-blocks";
import { LineIndex } from "./line-index";
import { countNewlines } from "./rows";
import { scan } from "./scan";

export function useBlocks(
  files: EditorFiles,
  path: string,
  content: { size: number; etag: string | undefined },
): ByteBlocks {
  const [, redraw] = useReducer((turn: number) => turn + 1, 0);
  const initialSize = useRef(content.size);
  const blocks = useMemo(
    () => new ByteBlocks(files, path, initialSize.current, redraw),
    [files, path],
  );
  const shown = useRef(content.etag);
  useEffect(() => {
    if (shown.current === content.etag && blocks.size === content.size) return;
    shown.current = content.etag;
    blocks.reset(content.size);
  }, [blocks, content.etag, content.size]);
  useEffect(() => () => blocks.release(), [blocks]);
  return blocks;
}

/** Counts the lines in the background, once `ready`; what is appended is counted on. */
export function useLineIndex(
  files: EditorFiles,
  path: string,
  size: number,
  ready: boolean,
): LineIndex {
  const [index, setIndex] = useState(() => new LineIndex());
  const [, redraw] = useReducer((turn: number) => turn + 1, 0);
  useEffect(() => {
    if (!ready) return;
    if (size < index.scanned) {
      setIndex(new LineIndex());
      return;
    }
    const stop = new AbortController();
    scan(files, path, { start: index.scanned, size }, stop.signal, (bytes) => {
      index.add(bytes);
      redraw();
      return true;
    }).catch(() => {
      // The view itself says why the file cannot be read; numbers stay estimates.
    });
    return () => stop.abort();
  }, [files, path, size, ready, index]);
  return index;
}

/** The number of the line at `offset`, and whether it is known rather than estimated. */
export function lineAt(
  offset: number,
  index: LineIndex,
  blocks: ByteBlocks,
): { line: number; exact: boolean } {
  const block = Math.floor(offset / BLOCK_BYTES);
  const before = index.before(block);
  const bytes = before === undefined ? undefined : blocks.peek(block * BLOCK_BYTES, offset);
  if (before === undefined || !bytes) return { line: index.estimate(offset), exact: false };
  return { line: before + countNewlines(bytes) + 1, exact: true };
}

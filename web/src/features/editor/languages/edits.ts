/**
 * A server's edit of many files. Texts that are open are edited where they stand; the others through the
 * file API, each over the version that was read, all of them or none.
 */
import type { TextEdit, WorkspaceEdit } from "vscode-languageserver-protocol";
import type { EditorFiles } from "../files";
import { monaco } from "../monaco";
import { readText, writeText } from "../text/read-text";
import type { TextModel } from "./client";
import { editText } from "./edit-text";
import { fromRange } from "./places";

interface EditEnvironment {
  files: EditorFiles;
  /** The path that a URI names in the workspace. */
  path(uri: string): string | undefined;
  openModel(path: string): TextModel | undefined;
}

/** What was done. */
interface AppliedEdit {
  /** How many files were changed. */
  files: number;
  /** How many of them were not open. */
  written: number;
  /** Takes everything back; the paths that have changed since, and were left as they are. */
  undo(): Promise<string[]>;
}

interface Written {
  path: string;
  before: Uint8Array<ArrayBuffer>;
  etag: string | undefined;
}

/** Makes the edit. Throws, and leaves everything as it was, where a file cannot be changed. */
export async function applyEdit(
  edit: WorkspaceEdit,
  environment: EditEnvironment,
): Promise<AppliedEdit> {
  const byPath = editsByPath(edit, environment);
  const written: Written[] = [];
  const open: [TextModel, TextEdit[]][] = [];
  try {
    for (const [path, edits] of byPath) {
      const model = environment.openModel(path);
      if (model) open.push([model, edits]);
      else written.push(await rewrite(path, edits, environment.files));
    }
  } catch (error) {
    await restore(written, environment.files);
    throw error;
  }
  const versions: [TextModel, number][] = [];
  for (const [model, edits] of open) {
    model.pushStackElement();
    const operations = edits.map(({ range, newText }) => ({
      range: monaco.Range.lift(fromRange(range)),
      text: newText,
      forceMoveMarkers: true,
    }));
    model.pushEditOperations([], operations, () => null);
    model.pushStackElement();
    versions.push([model, model.getAlternativeVersionId()]);
  }
  return {
    files: byPath.size,
    written: written.length,
    undo: async () => {
      const left = await restore(written, environment.files);
      for (const [model, version] of versions) {
        if (model.isDisposed()) continue;
        if (model.getAlternativeVersionId() === version) void model.undo();
        else left.push(model.uri.path.slice(1));
      }
      return left;
    },
  };
}

function editsByPath(edit: WorkspaceEdit, environment: EditEnvironment): Map<string, TextEdit[]> {
  const byPath = new Map<string, TextEdit[]>();
  const add = (uri: string, edits: readonly TextEdit[]) => {
    const path = environment.path(uri);
    if (path === undefined) throw new Error(uri);
    byPath.set(path, [...(byPath.get(path) ?? []), ...edits]);
  };
  // Where both are there, the newer form counts (LSP 3.17, `WorkspaceEdit`).
  if (edit.documentChanges) {
    for (const change of edit.documentChanges) {
      // We have not said that files can be made, moved or deleted.
      if (!("textDocument" in change)) throw new Error(change.kind);
      add(
        change.textDocument.uri,
        change.edits.filter((one): one is TextEdit => "newText" in one),
      );
    }
  } else {
    for (const [uri, edits] of Object.entries(edit.changes ?? {})) add(uri, edits);
  }
  return byPath;
}

async function rewrite(path: string, edits: TextEdit[], files: EditorFiles): Promise<Written> {
  const read = await files.read(path);
  if (read.kind !== "whole" || read.etag === undefined) throw new Error(path);
  const decoded = readText(read.bytes, undefined, undefined);
  if (decoded.kind !== "text" || !decoded.exact) throw new Error(path);
  const bytes = writeText(editText(decoded.text, edits), decoded.format);
  if ("code" in bytes) throw new Error(`${path}: ${bytes.message}`);
  const etag = await files.write(path, bytes, { "If-Match": read.etag });
  return { path, before: read.bytes, etag };
}

/** Writes back what was there; the paths that have changed since. */
async function restore(written: readonly Written[], files: EditorFiles): Promise<string[]> {
  const left: string[] = [];
  for (const { path, before, etag } of written) {
    try {
      if (etag === undefined) throw new Error(path);
      await files.write(path, before, { "If-Match": etag });
    } catch {
      left.push(path);
    }
  }
  return left;
}

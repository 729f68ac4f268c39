/** What is to be uploaded: files that were chosen or dropped, folders with all they hold. */
import { encodeName, joinPath } from "../paths";

/** A file to upload, and where to; a folder without one. */
export interface UploadItem {
  path: string;
  file?: File;
}

/** Folders are read in portions, so that thousands of files do not hold up the page. */
export type UploadItems = AsyncIterable<UploadItem[]>;

/** What a chooser gave, of files or of a folder, below `directory`. */
export async function* chosenItems(directory: string, files: readonly File[]): UploadItems {
  yield files.map((file) => {
    // Of a folder it is the path below that folder, with the folder's own name in front.
    const names = (file.webkitRelativePath || file.name).split("/");
    return {
      path: names.reduce((path, name) => joinPath(path, encodeName(name)), directory),
      file,
    };
  });
}

/** What was dropped, folders too, below `directory`. To be called while the event lasts. */
export function droppedItems(directory: string, data: DataTransfer): UploadItems {
  // The list is emptied when the event ends: take all entries first.
  // What another page made, such as a picture that is dragged from it, is in no file system.
  const entries = [...data.items]
    .filter((item) => item.kind === "file")
    .flatMap((item) => item.webkitGetAsEntry() ?? item.getAsFile() ?? []);
  return walk(directory, entries);
}

async function* walk(directory: string, entries: readonly (FileSystemEntry | File)[]): UploadItems {
  for (const entry of entries) {
    const path = joinPath(directory, encodeName(entry.name));
    if (entry instanceof File) {
      yield [{ path, file: entry }];
    } else if (isFile(entry)) {
      const file = await new Promise<File>((resolve, reject) => entry.file(resolve, reject));
      yield [{ path, file }];
    } else {
      yield [{ path }];
      yield* folder(path, entry as FileSystemDirectoryEntry);
    }
  }
}

async function* folder(path: string, entry: FileSystemDirectoryEntry): UploadItems {
  const reader = entry.createReader();
  // Each call gives at most a hundred.
  for (;;) {
    const batch = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (batch.length === 0) return;
    yield* walk(path, batch);
  }
}

function isFile(entry: FileSystemEntry): entry is FileSystemFileEntry {
  return entry.isFile;
}

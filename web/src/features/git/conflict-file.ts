/** A conflict as it is read: three texts of Git's, and the one in the working tree; and how that is written. */
import { contentUrl } from "@/api/agent";
import { api, apiFetch } from "@/api/client";
import { ApiError } from "@/api/errors";
import type { components } from "@/api/schema.gen";
import type { MergeTexts } from "@/lib/merge-view";

/** A file in conflict, by its repository and its path below that. */
export interface ConflictedFile {
  workspace: string;
  root: string;
  file: string;
}

/** A text in the working tree, and the version that it was read as. */
export interface TreeText {
  text: string;
  etag: string;
}

/** What can be resolved line by line. */
export interface TextConflict {
  texts: MergeTexts;
  tree: TreeText;
}

/** Above this the working tree's text is resolved as a whole: Git's own three are bounded at 4 MiB each. */
const TREE_BYTES_MAX = 16 * 1024 * 1024;

const pathOf = ({ root, file }: ConflictedFile) => (root === "" ? file : `${root}/${file}`);

/** The conflict; null where a side is missing or no text, so that only the whole file can be decided. */
export async function readConflict(of: ConflictedFile): Promise<TextConflict | null> {
  const read = async (source: "base" | "ours" | "theirs") => {
    const { data } = await api.GET("/api/v1/workspaces/{workspace}/git/content", {
      params: {
        path: { workspace: of.workspace },
        query: { path: of.root, file: of.file, source },
      },
    });
    return data;
  };
  const [base, ours, theirs, tree] = await Promise.all([
    read("base"),
    read("ours"),
    read("theirs"),
    readTree(of),
  ]);
  if (!tree || !ours?.exists || !theirs?.exists) return null;
  if ([base, ours, theirs].some((side) => side?.binary)) return null;
  const before = base?.exists ? base.text : undefined;
  return { texts: { mine: ours.text, base: before, theirs: theirs.text }, tree };
}

/** What stands in the working tree; null where that is no text. */
export async function readTree(of: ConflictedFile): Promise<TreeText | null> {
  let response: Response;
  try {
    response = await apiFetch(contentUrl(of.workspace, pathOf(of)), { cache: "no-store" });
  } catch (error) {
    // It is not there, or is a folder: of a submodule, say.
    if (error instanceof ApiError && error.status >= 400 && error.status < 500) return null;
    throw error;
  }
  const etag = response.headers.get("etag");
  if (!etag || Number(response.headers.get("content-length") ?? 0) > TREE_BYTES_MAX) {
    await response.body?.cancel();
    return null;
  }
  const bytes = await response.arrayBuffer();
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    return text.includes("\0") ? null : { text, etag };
  } catch {
    return null;
  }
}

/** Writes the working tree's text over the version that was read; null where it is another by now. */
export async function writeTree(
  of: ConflictedFile,
  text: string,
  etag: string,
): Promise<TreeText | null> {
  try {
    const response = await apiFetch(contentUrl(of.workspace, pathOf(of)), {
      method: "PUT",
      headers: { "If-Match": etag, "content-type": "application/octet-stream" },
      body: text,
    });
    const entry = (await response.json()) as components["schemas"]["FileEntry"];
    return { text, etag: entry.etag ?? response.headers.get("etag") ?? "" };
  } catch (error) {
    if (error instanceof ApiError && error.status === 412) return null;
    throw error;
  }
}

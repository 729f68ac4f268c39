/** Replacing what was found, and taking it back. */
import { agentApi } from "@/api/agent";
import { choicesOf, type Dismissed } from "./results";
import type { SearchSession } from "./session";
import type { FileReplace, FoundFile, SkippedFile } from "./types";

/** So many files go into one request: its body stays well below a megabyte. */
const FILES_MAX = 1_000;

export interface Replaced {
  files: number;
  matches: number;
  skipped: SkippedFile[];
  /** What it can be undone by, the last first. */
  ids: string[];
}

/** Replaces what is left of these files' matches. What fails in the middle has told what was done. */
export async function replaceIn(
  session: SearchSession,
  files: readonly FoundFile[],
  dismissed: Dismissed,
): Promise<Replaced> {
  return replaceChoices(session, choicesOf(files, dismissed));
}

/** Replaces one match. */
export function replaceOne(session: SearchSession, file: FoundFile, index: number) {
  const { path, etag } = file;
  return replaceChoices(session, [{ path, etag, matches: [index] }]);
}

async function replaceChoices(session: SearchSession, choices: FileReplace[]): Promise<Replaced> {
  // What was searched and shown, not what has been typed since.
  const { request } = session.state.getState();
  if (!request) return { files: 0, matches: 0, skipped: [], ids: [] };
  const done: Replaced = { files: 0, matches: 0, skipped: [], ids: [] };
  for (let start = 0; start < choices.length; start += FILES_MAX) {
    const { data } = await agentApi.POST("/api/v1/workspaces/{workspace}/search/replace", {
      params: { path: { workspace: session.workspace } },
      body: {
        pattern: request.pattern,
        replacement: request.replacement ?? "",
        files: choices.slice(start, start + FILES_MAX),
      },
    });
    if (!data) continue;
    done.files += data.files.length;
    done.matches += data.matches;
    done.skipped.push(...data.skipped);
    if (data.id) done.ids.unshift(data.id);
  }
  return done;
}

/** Takes replacements back, the last first. Answers with the files that were left as they are. */
export async function undo(workspace: string, ids: readonly string[]): Promise<SkippedFile[]> {
  const skipped: SkippedFile[] = [];
  for (const replacement of ids) {
    const { data } = await agentApi.POST("/api/v1/workspaces/{workspace}/search/undo", {
      params: { path: { workspace } },
      body: { replacement },
    });
    skipped.push(...(data?.skipped ?? []));
  }
  return skipped;
}

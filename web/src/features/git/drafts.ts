/** Results of conflicts that were left unsaved by another way than closing them. */
import type { ConflictedFile } from "./conflict-file";
import type { ConflictDraft, GitSession } from "./session";

/** More are not kept; the oldest goes. */
const DRAFTS_MAX = 20;

const keyOf = ({ root, file }: ConflictedFile) => `${root}\n${file}`;

export function draftOf(session: GitSession, of: ConflictedFile): ConflictDraft | undefined {
  return session.getState().drafts.get(keyOf(of));
}

/** Keeps a draft in the place of an older one, or none any more. */
export function keepDraft(
  session: GitSession,
  of: ConflictedFile,
  draft: ConflictDraft | undefined,
): void {
  const drafts = new Map(session.getState().drafts);
  drafts.delete(keyOf(of));
  if (draft) drafts.set(keyOf(of), draft);
  for (const oldest of drafts.keys()) {
    if (drafts.size <= DRAFTS_MAX) break;
    drafts.delete(oldest);
  }
  session.setState({ drafts });
}

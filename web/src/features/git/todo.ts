/** The list of an interactive rebase. Pure. */
import type { GitCommit, GitTodo, GitTodoAction } from "./types";

export interface TodoItem {
  commit: GitCommit;
  action: GitTodoAction;
  /** The new message, where there is to be one. */
  message?: string;
}

/** Commits as the log gives them, newest first, as a list that leaves them as they are. */
export function todoOf(commits: readonly GitCommit[]): TodoItem[] {
  return commits.toReversed().map((commit) => ({ commit, action: "pick" }));
}

/** Moves an item by so many places; nothing happens at the ends. */
export function moved(items: readonly TodoItem[], index: number, by: number): TodoItem[] {
  const to = index + by;
  const item = items[index];
  if (!item || to < 0 || to >= items.length) return [...items];
  return items.toSpliced(index, 1).toSpliced(to, 0, item);
}

/** The first commit that stays has none before it to become a part of. */
export function hasOrphan(items: readonly TodoItem[]): boolean {
  const first = items.find(({ action }) => action !== "drop");
  return first?.action === "squash" || first?.action === "fixup";
}

/** The list for the server. */
export function wireTodo(items: readonly TodoItem[]): GitTodo[] {
  return items.map(({ commit, action, message }) => ({
    action,
    commit: commit.id,
    ...(message?.trim() && (action === "reword" || action === "squash") ? { message } : {}),
  }));
}

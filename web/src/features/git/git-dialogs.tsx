/** What stands over the page, one at a time; and who is asked for credentials. */
import { lazy, Suspense } from "react";
import { useStore } from "zustand";
import type { MergeView } from "@/lib/merge-view";
import { CommitDiffDialog } from "./commit-diff-dialog";
import { DiffDialog } from "./diff-dialog";
import type { GitSession, GitView } from "./session";
import type { GitStatus } from "./types";
import type { GitActions } from "./use-git";

// What is seldom opened comes when it is.
const BranchDialog = lazy(async () => ({
  default: (await import("./branch-dialog")).BranchDialog,
}));
const CommitDialog = lazy(async () => ({
  default: (await import("./commit-dialog")).CommitDialog,
}));
const ConflictDialog = lazy(async () => ({
  default: (await import("./conflict-dialog")).ConflictDialog,
}));
const CredentialsDialog = lazy(async () => ({
  default: (await import("./credentials-dialog")).CredentialsDialog,
}));
const HostKeyDialog = lazy(async () => ({
  default: (await import("@/components/workspace/host-key-dialog")).HostKeyDialog,
}));
const IdentityDialog = lazy(async () => ({
  default: (await import("./identity-dialog")).IdentityDialog,
}));
const LogDialog = lazy(async () => ({ default: (await import("./log-dialog")).LogDialog }));
const RebaseDialog = lazy(async () => ({
  default: (await import("./rebase-dialog")).RebaseDialog,
}));
const RemotesDialog = lazy(async () => ({
  default: (await import("./remotes-dialog")).RemotesDialog,
}));
const RunsDialog = lazy(async () => ({ default: (await import("./runs-dialog")).RunsDialog }));
const StashDialog = lazy(async () => ({ default: (await import("./stash-dialog")).StashDialog }));
const SubmodulesDialog = lazy(async () => ({
  default: (await import("./submodules-dialog")).SubmodulesDialog,
}));
const WorktreesDialog = lazy(async () => ({
  default: (await import("./worktrees-dialog")).WorktreesDialog,
}));

export interface GitDialogProps {
  workspace: string;
  status: GitStatus;
  session: GitSession;
  actions: GitActions;
  /** Opens a file of the repository. */
  onOpen: (file: string) => void;
  /** Where texts are merged: the editor's. */
  mergeView: MergeView;
}

export function GitDialogs(props: GitDialogProps) {
  return (
    <Suspense>
      <Open {...props} />
    </Suspense>
  );
}

function Open(props: GitDialogProps) {
  const view = useStore(props.session, (state) => state.view);
  const asked = useStore(props.session, (state) => state.asked);
  const unaccepted = useStore(props.session, (state) => state.unaccepted);
  if (asked) return <CredentialsDialog {...props} asked={asked} />;
  if (unaccepted) {
    const { problem, operation, body } = unaccepted;
    const then = (view?: GitView) => props.session.setState({ unaccepted: undefined, view });
    return (
      <HostKeyDialog
        workspace={props.workspace}
        problem={problem}
        onTrusted={() => void props.actions.long(operation, body)}
        onClose={() => then()}
        onKnownHosts={(host) => then({ kind: "ssh", host })}
      />
    );
  }
  switch (view?.kind) {
    case "diff":
      return <DiffDialog {...props} view={view} />;
    case "commitDiff":
      return <CommitDiffDialog {...props} view={view} />;
    case "conflict":
      return <ConflictDialog key={view.file} {...props} file={view.file} />;
    case "log":
      return <LogDialog key={view.file} {...props} file={view.file} chosen={view.chosen} />;
    case "branches":
      return <BranchDialog {...props} />;
    case "commit":
      return <CommitDialog {...props} commit={view.commit} />;
    case "remotes":
      return <RemotesDialog {...props} />;
    case "worktrees":
      return <WorktreesDialog {...props} />;
    case "submodules":
      return <SubmodulesDialog {...props} />;
    case "stashes":
      return <StashDialog {...props} />;
    case "rebase":
      return <RebaseDialog {...props} onto={view.onto} />;
    case "identity":
      return <IdentityDialog {...props} />;
    case "runs":
      return <RunsDialog {...props} />;
    default:
      return null;
  }
}

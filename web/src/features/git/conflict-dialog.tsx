/** A conflict: both sides and what becomes of them, where they are texts; else the whole file is decided. */
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { ErrorState } from "@/components/error-state";
import { Dialog } from "@/components/ui/dialog";
import { shownPath } from "@/lib/shown-path";
import { readConflict } from "./conflict-file";
import { ConflictPanes } from "./conflict-panes";
import type { GitDialogProps } from "./git-dialogs";
import { WholeConflict } from "./whole-conflict";

export interface ConflictDialogProps extends GitDialogProps {
  file: string;
}

export function ConflictDialog(props: ConflictDialogProps) {
  const { workspace, status, session, file } = props;
  const { t } = useTranslation("git");
  const { root } = status;
  // Read once: what a person works on does not change under their hands.
  const conflict = useQuery({
    queryKey: ["git", "conflict", workspace, root, file],
    queryFn: () => readConflict({ workspace, root, file }),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  });
  // In a rebase Git's “ours” is what is rebased onto, and “theirs” one's own commit.
  const hint = t(status.operation === "rebase" ? "conflict.rebasing" : "conflict.hint");
  if (conflict.data) {
    return (
      <ConflictPanes
        {...props}
        key={conflict.dataUpdatedAt}
        conflict={conflict.data}
        hint={hint}
        onReadAgain={() => void conflict.refetch()}
      />
    );
  }
  if (conflict.data === null) {
    const whole = status.operation === "rebase" ? hint : t("conflict.wholeHint");
    return <WholeConflict {...props} hint={whole} />;
  }
  return (
    <Dialog
      open
      onOpenChange={() => session.setState({ view: undefined })}
      title={shownPath(file)}
      description={hint}
      className="sm:max-w-6xl"
    >
      {conflict.isError ? (
        <ErrorState error={conflict.error} onRetry={() => void conflict.refetch()} />
      ) : (
        <div aria-hidden className="skeleton m-4 h-3 w-1/3" />
      )}
    </Dialog>
  );
}

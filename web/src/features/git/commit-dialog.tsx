/** A commit by itself, as a line of a text led to it. */
import { useTranslation } from "react-i18next";
import { Dialog } from "@/components/ui/dialog";
import { CommitView } from "./commit-view";
import type { GitDialogProps } from "./git-dialogs";

export function CommitDialog(props: GitDialogProps & { commit: string }) {
  const { t } = useTranslation("git");
  const { commit, session } = props;
  return (
    <Dialog
      open
      onOpenChange={() => session.setState({ view: undefined })}
      title={t("commit.named", { commit: commit.slice(0, 8) })}
      className="sm:max-w-3xl"
    >
      <CommitView {...props} back={{ kind: "commit", commit }} file={undefined} />
    </Dialog>
  );
}

/** What stands in the workspace's `~/.ssh`: its keys, and the hosts that it knows. */
import { useTranslation } from "react-i18next";
import { Dialog, DialogBody } from "@/components/ui/dialog";
import { KnownHosts } from "./known-hosts";
import { SshKeys } from "./ssh-keys";

interface SshDialogProps {
  workspace: string;
  /** The host that is asked about from the start. */
  host: string | undefined;
  onClose: () => void;
}

export function SshDialog({ workspace, host, onClose }: SshDialogProps) {
  const { t } = useTranslation("ssh");
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={t("title")}
      description={t("hint")}
      className="sm:max-w-xl"
    >
      <DialogBody className="flex flex-col gap-6">
        <SshKeys workspace={workspace} />
        <KnownHosts workspace={workspace} host={host} />
      </DialogBody>
    </Dialog>
  );
}

/** An SSH host whose key was not accepted: one that is new is shown and trusted, one that has changed is not. */
import { useQueryClient } from "@tanstack/react-query";
import { ShieldAlert } from "lucide-react";
import { useTranslation } from "react-i18next";
import { $api } from "@/api/client";
import type { GitHostKeyProblem } from "@/api/types";
import { FormError } from "@/components/form-error";
import { Button } from "@/components/ui/button";
import { Dialog, DialogBody, DialogFooter } from "@/components/ui/dialog";
import { useErrorText } from "@/lib/error-text";

const HOSTS = "/api/v1/workspaces/{workspace}/git/ssh/hosts";

interface HostKeyDialogProps {
  workspace: string;
  problem: GitHostKeyProblem;
  /** The key that was shown is trusted: begin again. */
  onTrusted: () => void;
  onClose: () => void;
  /** Shows what is known of the host, where there is a view of it. */
  onKnownHosts?: (host: string) => void;
}

export function HostKeyDialog(props: HostKeyDialogProps) {
  const { workspace, problem, onTrusted, onClose, onKnownHosts } = props;
  const { t } = useTranslation("ssh");
  const client = useQueryClient();
  const errorText = useErrorText();
  const { host, key_type, key, fingerprint } = problem.presented;
  const changed = problem.known.length > 0;
  const trust = $api.useMutation("post", `${HOSTS}/create`, {
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: ["get", HOSTS] });
      onTrusted();
    },
  });
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={t(changed ? "changed.title" : "unknown.title", { host })}
      description={t(changed ? "changed.hint" : "unknown.hint")}
    >
      <DialogBody className="flex flex-col gap-3">
        {changed ? (
          <p role="alert" className="flex items-start gap-2 text-bad text-sm">
            <ShieldAlert className="mt-0.5 size-4 shrink-0" aria-hidden />
            {t("changed.warning")}
          </p>
        ) : null}
        <dl className="flex flex-col gap-3 text-sm">
          <Fingerprint label={t("presented")} keyType={key_type} fingerprint={fingerprint} />
          {problem.known.map((known) => (
            <Fingerprint
              key={known.id}
              label={t(known.marker === "revoked" ? "revoked" : "known")}
              keyType={known.key_type}
              fingerprint={known.fingerprint}
            />
          ))}
        </dl>
        <p className="text-ink-2 text-sm">{t(changed ? "changed.what" : "unknown.what")}</p>
        <FormError message={trust.isError ? errorText(trust.error) : undefined} />
      </DialogBody>
      <DialogFooter>
        <Button onClick={onClose}>{t("action.cancel", { ns: "common" })}</Button>
        {changed ? (
          onKnownHosts ? (
            <Button onClick={() => onKnownHosts(host)}>{t("changed.show")}</Button>
          ) : null
        ) : (
          <Button
            variant="primary"
            pending={trust.isPending}
            onClick={() =>
              trust.mutate({ params: { path: { workspace } }, body: { host, key_type, key } })
            }
          >
            {t("unknown.trust")}
          </Button>
        )}
      </DialogFooter>
    </Dialog>
  );
}

interface FingerprintProps {
  label: string;
  keyType: string;
  fingerprint: string;
}

function Fingerprint({ label, keyType, fingerprint }: FingerprintProps) {
  return (
    <div>
      <dt className="text-ink-3 text-xs">{label}</dt>
      <dd className="flex flex-col items-start">
        <bdi dir="ltr">{keyType}</bdi>
        <bdi dir="ltr" className="break-all font-mono">
          {fingerprint}
        </bdi>
      </dd>
    </div>
  );
}

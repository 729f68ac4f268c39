import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { toast } from "sonner";
import { ApiError } from "@/api/errors";
import { runClone } from "@/api/git-long";
import type { CloneEvent, GitHostKeyProblem } from "@/api/types";
import { useWorkspaceList } from "@/api/workspaces";
import { FormError } from "@/components/form-error";
import { Button } from "@/components/ui/button";
import { Dialog, DialogBody, DialogFooter } from "@/components/ui/dialog";
import { Field, Input } from "@/components/ui/field";
import { PasswordInput } from "@/components/ui/password-input";
import { Select } from "@/components/ui/select";
import { useErrorText } from "@/lib/error-text";
import { repositoryName } from "@/lib/git-url";
import { canManage } from "@/lib/permissions";
import { useAccount, useMembership } from "@/lib/session";

const HostKeyDialog = lazy(async () => ({
  default: (await import("@/components/workspace/host-key-dialog")).HostKeyDialog,
}));

interface Props {
  organization: string;
  /** The address that is there from the start. */
  url: string;
  onClose: () => void;
}

/** Clones a repository into a workspace that runs. */
export function CloneDialog({ organization, url: given, onClose }: Props) {
  const { t } = useTranslation("repositories");
  const client = useQueryClient();
  const navigate = useNavigate();
  const errorText = useErrorText();
  const account = useAccount();
  const { role } = useMembership();
  const { workspaces, isPending } = useWorkspaceList(organization);
  const usable = workspaces.filter(
    (workspace) => workspace.state === "running" && canManage(workspace, account, role),
  );
  const [url, setUrl] = useState(given);
  const [folder, setFolder] = useState<string>();
  const [chosen, setChosen] = useState<string>();
  const [username, setUsername] = useState("");
  const [secret, setSecret] = useState("");
  const [asks, setAsks] = useState(false);
  const [progress, setProgress] = useState<Extract<CloneEvent, { type: "progress" }>>();
  const [unaccepted, setUnaccepted] = useState<GitHostKeyProblem>();
  const workspace = chosen ?? usable[0]?.id;
  const path = folder ?? repositoryName(url);
  const clone = useMutation({
    mutationFn: async (target: string) => {
      const credentials = asks && secret !== "" ? signIn(url, username, secret) : {};
      const body = { url: url.trim(), path, ...credentials };
      const last = await runClone(target, body, setProgress);
      if (last.type === "failed") {
        // A key is what SSH takes.
        if (last.reason === "unauthorized" && isHttp(url)) setAsks(true);
        if (last.host_key) setUnaccepted(last.host_key);
        throw new ApiError({ status: 0, code: "conflict", detail: last.detail });
      }
      return target;
    },
    onSuccess: (target) => {
      toast.success(t("clone.done", { path }));
      onClose();
      void navigate({ to: "/workspaces/$workspaceId", params: { workspaceId: target } });
    },
    onSettled: () => {
      setProgress(undefined);
      return client.invalidateQueries({
        queryKey: ["get", "/api/v1/organizations/{organization}/repositories"],
      });
    },
  });
  const missing =
    url.trim() === "" || path === ""
      ? t("clone.missing")
      : workspace === undefined
        ? t("clone.noWorkspace")
        : undefined;
  return (
    <Dialog open onOpenChange={onClose} title={t("clone.title")} description={t("clone.detail")}>
      {unaccepted && workspace !== undefined ? (
        <Suspense>
          <HostKeyDialog
            workspace={workspace}
            problem={unaccepted}
            onTrusted={() => {
              setUnaccepted(undefined);
              clone.mutate(workspace);
            }}
            onClose={() => setUnaccepted(undefined)}
          />
        </Suspense>
      ) : null}
      <form
        noValidate
        className="contents"
        onSubmit={(event) => {
          event.preventDefault();
          if (missing === undefined && workspace !== undefined) clone.mutate(workspace);
        }}
      >
        <DialogBody className="flex flex-col gap-3">
          <Field label={t("clone.url")}>
            {(control) => (
              <Input
                {...control}
                value={url}
                dir="ltr"
                onChange={(event) => setUrl(event.target.value)}
              />
            )}
          </Field>
          <Field
            label={t("clone.workspace")}
            hint={!isPending && usable.length === 0 ? t("clone.noWorkspace") : undefined}
          >
            {(control) => (
              <Select
                {...control}
                value={workspace ?? ""}
                onChange={(event) => setChosen(event.target.value)}
              >
                {usable.map(({ id, name }) => (
                  <option key={id} value={id}>
                    {name}
                  </option>
                ))}
              </Select>
            )}
          </Field>
          <Field label={t("clone.folder")} hint={t("clone.folderHint")}>
            {(control) => (
              <Input
                {...control}
                value={path}
                dir="ltr"
                onChange={(event) => setFolder(event.target.value)}
              />
            )}
          </Field>
          {asks ? (
            <>
              <Field label={t("clone.username")}>
                {(control) => (
                  <Input
                    {...control}
                    value={username}
                    autoComplete="off"
                    onChange={(event) => setUsername(event.target.value)}
                  />
                )}
              </Field>
              <Field label={t("clone.secret")} hint={t("clone.secretHint")}>
                {(control) => (
                  <PasswordInput
                    {...control}
                    value={secret}
                    autoComplete="off"
                    onChange={(event) => setSecret(event.target.value)}
                  />
                )}
              </Field>
            </>
          ) : null}
          {progress ? (
            <p role="status" className="text-ink-2 text-xs">
              <progress
                aria-label={t("clone.title")}
                className="me-2 h-1 w-24"
                max={100}
                value={progress.percent}
              />
              <bdi dir="ltr">{progress.detail}</bdi>
            </p>
          ) : null}
          <FormError
            message={clone.isError && !clone.isPending ? errorText(clone.error) : undefined}
          />
        </DialogBody>
        <DialogFooter>
          <Button onClick={onClose}>{t("action.cancel", { ns: "common" })}</Button>
          <Button
            type="submit"
            variant="primary"
            pending={clone.isPending}
            disabledReason={missing}
          >
            {t("clone.go")}
          </Button>
        </DialogFooter>
      </form>
    </Dialog>
  );
}

function isHttp(url: string): boolean {
  return /^https?:/i.test(url.trim());
}

/** Who to be at the address's host. */
function signIn(url: string, username: string, secret: string) {
  const { protocol, host } = new URL(url);
  return { credentials: { protocol: protocol.slice(0, -1), host, username, secret } };
}

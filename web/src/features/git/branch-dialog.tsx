/** Branches and tags: switched to, made, merged, rebased onto, deleted. */
import { GitMerge, ListOrdered, Trash2 } from "lucide-react";
import { useDeferredValue, useState } from "react";
import { useTranslation } from "react-i18next";
import { $api } from "@/api/client";
import { ErrorState } from "@/components/error-state";
import { TimeAgo } from "@/components/time-ago";
import { Button } from "@/components/ui/button";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import { Dialog } from "@/components/ui/dialog";
import { Input } from "@/components/ui/field";
import { IconButton } from "@/components/ui/icon-button";
import type { GitDialogProps } from "./git-dialogs";
import type { GitReference } from "./types";

/** How many are drawn; the rest is found by a part of the name. */
const SHOWN_MAX = 200;

export function BranchDialog({ workspace, status, session, actions }: GitDialogProps) {
  const { t } = useTranslation("git");
  const [text, setText] = useState("");
  const [deleting, setDeleting] = useState<GitReference>();
  const wanted = useDeferredValue(text.trim());
  const references = $api.useQuery("get", "/api/v1/workspaces/{workspace}/git/references", {
    params: { path: { workspace }, query: { path: status.root, ...(wanted && { text: wanted }) } },
  });
  const close = () => session.setState({ view: undefined });
  const items = references.data?.items ?? [];
  const isNew = text.trim() !== "" && !items.some(({ name }) => name === text.trim());
  const refusal = status.operation ? t(`operation.${status.operation}`) : undefined;
  const goTo = (reference: GitReference) =>
    void actions.switchTo(reference.name, reference.kind === "tag").then((done) => done && close());
  return (
    <Dialog
      open
      onOpenChange={close}
      title={t("branches.title")}
      description={t("branches.hint")}
      className="sm:max-w-xl"
    >
      <form
        className="flex gap-2 border-b p-3"
        onSubmit={(event) => {
          event.preventDefault();
          const found = items.find(({ name }) => name === text.trim());
          if (found) goTo(found);
          else if (isNew) void actions.createBranch(text.trim()).then((done) => done && close());
        }}
      >
        <Input
          aria-label={t("branches.name")}
          placeholder={t("branches.name")}
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
        <Button
          type="submit"
          variant="primary"
          disabledReason={isNew ? undefined : t("branches.nameFirst")}
        >
          {t("branches.create")}
        </Button>
      </form>
      <ul className="min-h-32 flex-1 overflow-y-auto p-1">
        {references.isError ? <ErrorState error={references.error} /> : null}
        {items.slice(0, SHOWN_MAX).map((reference) => (
          <li
            key={`${reference.kind}/${reference.name}`}
            className="flex items-center gap-1 rounded-sm hover:bg-hover"
          >
            <button
              type="button"
              className="min-w-0 flex-1 px-2 py-1.5 text-start"
              aria-current={reference.current ? "true" : undefined}
              onClick={() => goTo(reference)}
            >
              <span className="flex items-center gap-2">
                <bdi className="truncate font-medium">{reference.name}</bdi>
                <span className="shrink-0 text-ink-3 text-xs">
                  {reference.current ? t("branches.current") : t(`branches.${reference.kind}`)}
                </span>
              </span>
              <span className="block truncate text-ink-3 text-xs">
                <TimeAgo at={reference.at} /> · <bdi>{reference.subject}</bdi>
              </span>
            </button>
            {reference.current ? null : (
              <>
                <IconButton
                  label={t("branches.merge", { name: reference.name })}
                  disabledReason={refusal}
                  onClick={() => void actions.merge(reference.name).then((done) => done && close())}
                >
                  <GitMerge />
                </IconButton>
                <IconButton
                  label={t("branches.rebase", { name: reference.name })}
                  disabledReason={refusal}
                  onClick={() =>
                    session.setState({ view: { kind: "rebase", onto: reference.name } })
                  }
                >
                  <ListOrdered />
                </IconButton>
                {reference.kind === "remote_branch" ? null : (
                  <IconButton
                    label={t("branches.delete", { name: reference.name })}
                    onClick={() => setDeleting(reference)}
                  >
                    <Trash2 />
                  </IconButton>
                )}
              </>
            )}
          </li>
        ))}
        {references.data?.truncated || items.length > SHOWN_MAX ? (
          <li className="px-2 py-1 text-ink-3 text-xs">{t("branches.more")}</li>
        ) : null}
      </ul>
      <ConfirmDialog
        open={deleting !== undefined}
        onOpenChange={() => setDeleting(undefined)}
        title={t("branches.delete", { name: deleting?.name ?? "" })}
        description={t("branches.deleteHint")}
        action={t("branches.deleteAction")}
        pending={false}
        onConfirm={() => {
          if (deleting?.kind === "tag") void actions.deleteTag(deleting.name);
          else if (deleting) void actions.deleteBranch(deleting.name);
          setDeleting(undefined);
        }}
      />
    </Dialog>
  );
}

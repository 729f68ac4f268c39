/** What can be done with a commit. */
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { toast } from "sonner";
import { Button } from "@/components/ui/button";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import { Input } from "@/components/ui/field";
import { Select } from "@/components/ui/select";
import type { CommitViewProps } from "./commit-view";
import type { GitResetMode } from "./types";

const MODES: readonly GitResetMode[] = ["mixed", "soft", "keep", "hard"];

/** What is asked for in the line below the buttons. */
type Asking = "branch" | "tag" | undefined;

export function CommitActions({ status, session, actions, commit }: CommitViewProps) {
  const { t } = useTranslation("git");
  const [asking, setAsking] = useState<Asking>();
  const [resetting, setResetting] = useState(false);
  const [pending, setPending] = useState(false);
  const [mode, setMode] = useState<GitResetMode>("mixed");
  const busy = status.operation ? t(`operation.${status.operation}`) : undefined;
  const ask = (what: Asking) => () => setAsking(asking === what ? undefined : what);
  return (
    <>
      <div className="flex flex-wrap gap-1.5">
        <Button size="sm" aria-expanded={asking === "branch"} onClick={ask("branch")}>
          {t("commit.branch")}
        </Button>
        <Button size="sm" aria-expanded={asking === "tag"} onClick={ask("tag")}>
          {t("commit.tag")}
        </Button>
        <Button size="sm" disabledReason={busy} onClick={() => void actions.cherryPick(commit)}>
          {t("commit.cherryPick")}
        </Button>
        <Button size="sm" disabledReason={busy} onClick={() => void actions.revert(commit)}>
          {t("commit.revert")}
        </Button>
        <Button size="sm" onClick={() => void actions.switchTo(commit, true)}>
          {t("commit.checkOut")}
        </Button>
        <Button
          size="sm"
          disabledReason={busy}
          onClick={() => session.setState({ view: { kind: "rebase", onto: `${commit}^` } })}
        >
          {t("commit.rebaseFrom")}
        </Button>
        <Button size="sm" disabledReason={busy} onClick={() => setResetting(true)}>
          {t("commit.reset")}
        </Button>
        <Button
          size="sm"
          onClick={() => {
            // Without TLS the browser has no clipboard for pages.
            if (!navigator.clipboard) toast.error(t("commit.noClipboard", { commit }));
            else void navigator.clipboard.writeText(commit).then(() => toast(t("commit.copied")));
          }}
        >
          {t("commit.copy")}
        </Button>
      </div>
      {asking ? (
        <NameForm
          key={asking}
          what={asking}
          onName={async (name, message) => {
            const done = await (asking === "branch"
              ? actions.createBranch(name, commit)
              : actions.createTag(name, commit, message));
            if (!done) return;
            setAsking(undefined);
            toast.success(t(`${asking}.made`, { name }));
          }}
        />
      ) : null}
      <ConfirmDialog
        open={resetting}
        onOpenChange={setResetting}
        title={t("commit.reset")}
        description={
          <>
            <span className="mb-2 block">
              {t("reset.hint", { commit: commit.slice(0, 8) })} {t(`reset.${mode}.hint`)}
            </span>
            <Select
              aria-label={t("reset.mode")}
              className="w-full"
              value={mode}
              onChange={(event) =>
                setMode(MODES.find((one) => one === event.target.value) ?? "mixed")
              }
            >
              {MODES.map((one) => (
                <option key={one} value={one}>
                  {t(`reset.${one}.name`)}
                </option>
              ))}
            </Select>
          </>
        }
        action={t("commit.resetAction")}
        pending={pending}
        onConfirm={async () => {
          setPending(true);
          await actions.reset(commit, mode);
          setPending(false);
          setResetting(false);
        }}
      />
    </>
  );
}

interface NameFormProps {
  what: "branch" | "tag";
  onName: (name: string, message: string) => Promise<void>;
}

/** The name of a branch or a tag; a tag with a message is an annotated one. */
function NameForm({ what, onName }: NameFormProps) {
  const { t } = useTranslation("git");
  const [name, setName] = useState("");
  const [message, setMessage] = useState("");
  const [pending, setPending] = useState(false);
  return (
    <form
      className="flex flex-wrap gap-2"
      onSubmit={(event) => {
        event.preventDefault();
        if (name.trim() === "") return;
        setPending(true);
        void onName(name.trim(), message.trim()).finally(() => setPending(false));
      }}
    >
      <Input
        autoFocus
        aria-label={t(`${what}.name`)}
        placeholder={t(`${what}.name`)}
        className="min-w-40 flex-1"
        value={name}
        onChange={(event) => setName(event.target.value)}
      />
      {what === "tag" ? (
        <Input
          aria-label={t("tag.message")}
          placeholder={t("tag.message")}
          className="min-w-40 flex-1"
          value={message}
          onChange={(event) => setMessage(event.target.value)}
        />
      ) : null}
      <Button
        type="submit"
        variant="primary"
        pending={pending}
        disabledReason={name.trim() === "" ? t("nameFirst") : undefined}
      >
        {t(`${what}.make`)}
      </Button>
    </form>
  );
}

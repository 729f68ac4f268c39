/** The message, and how it is committed. */
import { useTranslation } from "react-i18next";
import { useStore } from "zustand";
import { $api } from "@/api/client";
import { Button } from "@/components/ui/button";
import type { GitSession } from "./session";
import type { GitStatus } from "./types";
import type { GitActions } from "./use-git";

interface CommitBoxProps {
  workspace: string;
  status: GitStatus;
  session: GitSession;
  actions: GitActions;
}

export function CommitBox({ workspace, status, session, actions }: CommitBoxProps) {
  const { t } = useTranslation("git");
  const { message, amend, signOff } = useStore(session);
  const draft = $api.useQuery("get", "/api/v1/workspaces/{workspace}/git/draft", {
    params: { path: { workspace }, query: { path: status.root } },
  });
  const staged = status.files.some(({ index }) => index !== "." && index !== "?");
  const refusal =
    status.operation === "rebase" && !staged
      ? t("commit.rebasing")
      : !staged && !amend
        ? t("commit.nothingStaged")
        : message.trim() === "" && !amend
          ? t("commit.noMessage")
          : undefined;
  const commit = () => {
    if (refusal === undefined) void actions.commit();
  };
  const setAmend = (on: boolean) => {
    const last = draft.data?.last ?? "";
    const next = on && message === "" ? last : !on && message === last ? "" : message;
    session.setState({ amend: on, message: next });
  };
  return (
    <form
      className="flex shrink-0 flex-col gap-1.5 p-2"
      onSubmit={(event) => {
        event.preventDefault();
        commit();
      }}
    >
      <textarea
        data-panel-focus=""
        aria-label={t("commit.message")}
        placeholder={draft.data?.message || t("commit.message")}
        value={message}
        rows={Math.min(8, Math.max(2, message.split("\n").length))}
        dir="auto"
        onFocus={() => {
          // A merge's own message, or the template, is where one begins.
          if (message === "" && draft.data?.message) {
            session.setState({ message: draft.data.message });
          }
        }}
        onChange={(event) => session.setState({ message: event.target.value })}
        onKeyDown={(event) => {
          if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
            event.preventDefault();
            commit();
          }
        }}
        className="w-full resize-none rounded-md border border-line-strong bg-surface px-2 py-1.5 text-ink text-sm placeholder:text-ink-3"
      />
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <Button type="submit" size="sm" variant="primary" disabledReason={refusal}>
          {amend ? t("commit.amend") : t("commit.commit")}
        </Button>
        <label className="flex items-center gap-1 text-ink-2 text-xs">
          <input
            type="checkbox"
            checked={amend}
            onChange={(event) => setAmend(event.target.checked)}
          />
          {t("commit.amendLast")}
        </label>
        <label className="flex items-center gap-1 text-ink-2 text-xs">
          <input
            type="checkbox"
            checked={signOff}
            onChange={(event) => session.setState({ signOff: event.target.checked })}
          />
          {t("commit.signOff")}
        </label>
      </div>
    </form>
  );
}

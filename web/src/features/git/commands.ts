/** Everything that the Git view can do, for the command palette. */
import { useTranslation } from "react-i18next";
import { type Command, useCommands } from "@/lib/commands";
import { isConflicted } from "./groups";
import type { GitSession, GitView } from "./session";
import type { GitStatus } from "./types";
import type { GitActions } from "./use-git";

interface GitCommands {
  session: GitSession;
  actions: GitActions;
  status: GitStatus | undefined;
  onReveal: () => void;
}

export function useGitCommands({ session, actions, status, onReveal }: GitCommands): void {
  const { t } = useTranslation("git");
  const none = status ? undefined : t("noRepository");
  const clean = none ?? (status?.files.length === 0 ? t("changes.none") : undefined);
  const idle = none ?? (status?.operation ? undefined : t("operation.none"));
  const conflicted = status?.files.find(isConflicted);
  const open = (view: GitView) => () => {
    onReveal();
    session.setState({ view });
  };
  const upstream = none ?? (status?.upstream ? undefined : t("noUpstream"));
  const commands: Command[] = [
    {
      id: "git.stageAll",
      title: t("command.stageAll"),
      disabledReason: clean,
      run: () => void actions.stageAll(),
    },
    {
      id: "git.unstageAll",
      title: t("command.unstageAll"),
      disabledReason: clean,
      run: () => void actions.unstageAll(),
    },
    {
      id: "git.discardAll",
      title: t("command.discardAll"),
      disabledReason: clean,
      run: () => void actions.discard("all"),
    },
    {
      id: "git.commit",
      title: t("command.commit"),
      disabledReason: none,
      run: () => {
        onReveal();
        if (session.getState().message.trim() !== "") void actions.commit();
      },
    },
    {
      id: "git.fetch",
      title: t("fetch"),
      disabledReason: none,
      run: () => void actions.long("fetch", { prune: true }),
    },
    {
      id: "git.pull",
      title: t("pull"),
      disabledReason: upstream,
      run: () => void actions.long("pull", {}),
    },
    {
      id: "git.pullRebase",
      title: t("command.pullRebase"),
      disabledReason: upstream,
      run: () => void actions.long("pull", { rebase: true }),
    },
    {
      id: "git.pullMerge",
      title: t("command.pullMerge"),
      disabledReason: upstream,
      run: () => void actions.long("pull", { rebase: false }),
    },
    {
      id: "git.push",
      title: t("push"),
      disabledReason: none ?? (status?.branch ? undefined : t("detached")),
      run: () => void actions.long("push", status?.upstream ? {} : { set_upstream: true }),
    },
    {
      id: "git.pushForce",
      title: t("command.pushForce"),
      disabledReason: upstream,
      run: () => void actions.long("push", { force: true }),
    },
    {
      id: "git.branches",
      title: t("branches.title"),
      disabledReason: none,
      run: open({ kind: "branches" }),
    },
    {
      id: "git.stashes",
      title: t("stash.title"),
      disabledReason: none,
      run: open({ kind: "stashes" }),
    },
    ...(["remotes", "worktrees", "submodules"] as const).map((kind) => ({
      id: `git.${kind}`,
      title: t(`${kind}.title`),
      disabledReason: none,
      run: open({ kind }),
    })),
    { id: "git.ssh", title: t("ssh.title"), run: open({ kind: "ssh" }) },
    {
      id: "git.log",
      title: t("log.open"),
      disabledReason: none,
      run: open({ kind: "log" }),
    },
    {
      id: "git.identity",
      title: t("identity.title"),
      disabledReason: none,
      run: open({ kind: "identity" }),
    },
    {
      id: "git.runs",
      title: t("runs.open"),
      disabledReason: none,
      run: open({ kind: "runs" }),
    },
    {
      id: "git.rebase",
      title: t("command.rebase"),
      disabledReason: upstream,
      run: open({ kind: "rebase", onto: status?.upstream ?? "" }),
    },
    ...(["continue", "skip", "abort"] as const).map((step) => ({
      id: `git.${step}`,
      title: t(`command.${step}`),
      disabledReason: idle,
      run: () => void actions.long("proceed", { step }),
    })),
    {
      id: "git.conflict",
      title: t("command.conflict"),
      disabledReason: none ?? (conflicted ? undefined : t("conflict.none")),
      run: () => {
        if (conflicted) open({ kind: "conflict", file: conflicted.path })();
      },
    },
  ];
  useCommands("git", commands);
}

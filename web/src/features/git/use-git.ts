/** What can be done to a repository; everything says how it went, and reads the state again. */
import { useQueryClient } from "@tanstack/react-query";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { toast } from "sonner";
import { api } from "@/api/client";
import { ApiError } from "@/api/errors";
import { type LongOperation, runLong } from "@/api/git-long";
import { useErrorText } from "@/lib/error-text";
import { refreshGit } from "./queries";
import type { GitSession } from "./session";
import type { GitCredentials, GitDone, GitResolution, GitUndo } from "./types";

type Selection = { version: string; lines: { first: number; last: number }[] };

export type GitActions = ReturnType<typeof useGitActions>;

export function useGitActions(workspace: string, path: string, session: GitSession) {
  const client = useQueryClient();
  const { t } = useTranslation("git");
  const errorText = useErrorText();
  return useMemo(() => {
    const params = { params: { path: { workspace } } };
    const told = (error: unknown) => {
      if (error instanceof ApiError && error.field === "identity") {
        session.setState({ view: { kind: "identity" } });
      }
      toast.error(errorText(error));
    };
    /** Does something; undefined where it failed, which was told. */
    const attempt = async <T>(work: () => Promise<{ data?: T }>): Promise<T | undefined> => {
      try {
        return (await work()).data;
      } catch (error) {
        told(error);
        return undefined;
      } finally {
        await refreshGit(client);
      }
    };
    const joined = (done: GitDone | undefined) => {
      if (done?.outcome === "conflicts") toast.warning(t("outcome.conflicts"));
      return done;
    };
    const restore = async (undo: GitUndo) => {
      const body = { path, undo };
      const restored = await attempt(() => api.POST(`${BASE}discard/undo`, { ...params, body }));
      if (restored && restored.kept.length > 0) {
        toast.warning(t("discard.kept", { count: restored.kept.length }));
      }
    };

    /** Runs what takes long; asks for credentials where they are wanted. */
    const long = async (
      operation: LongOperation,
      body: object,
      accepted?: () => Promise<void>,
    ): Promise<boolean> => {
      if (session.getState().running) {
        toast.error(t("long.busy"));
        return false;
      }
      const stop = new AbortController();
      session.setState({
        asked: undefined,
        unaccepted: undefined,
        running: { operation, phase: undefined, percent: undefined, stop: () => stop.abort() },
      });
      try {
        const last = await runLong(
          workspace,
          operation,
          { path, ...body },
          stop.signal,
          (event) => {
            const { running } = session.getState();
            if (event.type !== "progress" || !running) return;
            session.setState({
              running: { ...running, phase: event.phase, percent: event.percent },
            });
          },
        );
        if (last.type === "credentials_required") {
          const { protocol, host, refused } = last;
          const username = last.username ?? undefined;
          const stored = last.stored ?? undefined;
          session.setState({
            asked: { protocol, host, username, refused, stored, operation, body },
          });
          return false;
        }
        if (last.type === "failed" && last.host_key) {
          session.setState({ unaccepted: { problem: last.host_key, operation, body } });
          return false;
        }
        // Whatever else came of it, the host knows the person.
        const isKnown =
          last.type === "done" || (last.type === "failed" && last.reason === "not_fast_forward");
        if (isKnown) await accepted?.();
        if (last.type === "failed") {
          if (last.reason === "no_identity") session.setState({ view: { kind: "identity" } });
          toast.error(last.detail, {
            action: {
              label: t("runs.show"),
              onClick: () => session.setState({ view: { kind: "runs" } }),
            },
          });
          return false;
        }
        if (last.type !== "done") return false;
        if (last.result.outcome === "conflicts") toast.warning(t("outcome.conflicts"));
        else if (last.result.outcome === "stopped") toast.info(t("outcome.stopped"));
        else toast.success(t(`long.done.${operation}`));
        return last.result.outcome === "done";
      } catch (error) {
        if (!stop.signal.aborted) told(error);
        return false;
      } finally {
        session.setState({ running: undefined });
        await refreshGit(client);
      }
    };

    return {
      long,
      stage: (files: string[], selection?: Selection) =>
        attempt(() =>
          api.POST(`${BASE}stage`, { ...params, body: { path, files, ...chosen(selection) } }),
        ),
      stageAll: () =>
        attempt(() => api.POST(`${BASE}stage`, { ...params, body: { path, all: true } })),
      unstage: (files: string[], selection?: Selection) =>
        attempt(() =>
          api.POST(`${BASE}unstage`, { ...params, body: { path, files, ...chosen(selection) } }),
        ),
      unstageAll: () =>
        attempt(() => api.POST(`${BASE}unstage`, { ...params, body: { path, all: true } })),
      /** Discards, and offers to bring back what was discarded. */
      discard: async (files: string[] | "all", selection?: Selection) => {
        const what = files === "all" ? { all: true } : { files, ...chosen(selection) };
        const gone = await attempt(() =>
          api.POST(`${BASE}discard`, { ...params, body: { path, ...what } }),
        );
        if (!gone) return;
        const count = gone.undo.files.length + gone.undo.trash.length;
        toast(t("discard.done", { count }), {
          action: { label: t("discard.undo"), onClick: () => void restore(gone.undo) },
          duration: 15_000,
        });
      },
      commit: async () => {
        const { message, amend, signOff } = session.getState();
        const body = { path, message, amend, sign_off: signOff };
        const made = await attempt(() => api.POST(`${BASE}commit`, { ...params, body }));
        if (!made) return false;
        session.setState({ message: "", amend: false });
        toast.success(t("commit.done", { commit: made.commit.slice(0, 8) }));
        return true;
      },
      resolve: (files: string[], how: GitResolution) =>
        attempt(() => api.POST(`${BASE}resolve`, { ...params, body: { path, files, with: how } })),
      switchTo: (name: string, detach = false) =>
        attempt(() =>
          api.POST(`${BASE}branches/switch`, { ...params, body: { path, name, detach } }),
        ),
      createBranch: (name: string, start?: string) => {
        const body = { path, name, switch: true, ...(start === undefined ? {} : { start }) };
        return attempt(() => api.POST(`${BASE}branches/create`, { ...params, body }));
      },
      renameBranch: (name: string, new_name: string) =>
        attempt(() =>
          api.POST(`${BASE}branches/rename`, { ...params, body: { path, name, new_name } }),
        ),
      deleteBranch: (name: string, force = false) =>
        attempt(() =>
          api.POST(`${BASE}branches/delete`, { ...params, body: { path, name, force } }),
        ),
      createTag: (name: string, commit: string, message: string) => {
        const body = { path, name, commit, ...(message === "" ? {} : { message }) };
        return attempt(() => api.POST(`${BASE}tags/create`, { ...params, body }));
      },
      deleteTag: (name: string) =>
        attempt(() => api.POST(`${BASE}tags/delete`, { ...params, body: { path, name } })),
      merge: async (reference: string) =>
        joined(
          await attempt(() => api.POST(`${BASE}merge`, { ...params, body: { path, reference } })),
        ),
      cherryPick: async (commit: string) =>
        joined(
          await attempt(() =>
            api.POST(`${BASE}cherry-pick`, { ...params, body: { path, commits: [commit] } }),
          ),
        ),
      revert: async (commit: string) =>
        joined(
          await attempt(() =>
            api.POST(`${BASE}revert`, { ...params, body: { path, commits: [commit] } }),
          ),
        ),
      reset: (commit: string, mode: "soft" | "mixed" | "keep" | "hard") =>
        attempt(() => api.POST(`${BASE}reset`, { ...params, body: { path, commit, mode } })),
      stash: (message: string, untracked: boolean) =>
        attempt(() =>
          api.POST(`${BASE}stashes/push`, { ...params, body: { path, message, untracked } }),
        ),
      takeStash: async (verb: "apply" | "pop" | "drop", index: number, id: string) =>
        joined(
          await attempt(() =>
            api.POST(`${BASE}stashes/${verb}`, { ...params, body: { path, index, id } }),
          ),
        ),
      addRemote: (name: string, url: string) =>
        attempt(() => api.POST(`${BASE}remotes/add`, { ...params, body: { path, name, url } })),
      removeRemote: (name: string) =>
        attempt(() => api.POST(`${BASE}remotes/remove`, { ...params, body: { path, name } })),
      updateRemote: (name: string, change: { new_name?: string; url?: string }) =>
        attempt(() =>
          api.POST(`${BASE}remotes/update`, { ...params, body: { path, name, ...change } }),
        ),
      addWorktree: (directory: string, branch: string, create: boolean) =>
        attempt(() =>
          api.POST(`${BASE}worktrees/add`, {
            ...params,
            body: { path, directory, branch, create },
          }),
        ),
      removeWorktree: (directory: string, force: boolean) =>
        attempt(() =>
          api.POST(`${BASE}worktrees/remove`, { ...params, body: { path, directory, force } }),
        ),
      setIdentity: (scope: "local" | "global", name: string, email: string) =>
        attempt(() =>
          api.POST(`${BASE}identity`, { ...params, body: { path, scope, name, email } }),
        ),
      /** Goes on with what waits for credentials; where they are right, stores them if that is wished. */
      answer: (username: string, secret: string, remember: boolean) => {
        const { asked } = session.getState();
        if (!asked) return Promise.resolve(false);
        const { protocol, host, body } = asked;
        const credentials: GitCredentials = { protocol, host, username, secret };
        const store = async () => {
          const url = `${protocol}://${host}`;
          try {
            await api.POST(CREDENTIALS, { body: { url, username, secret, replace: true } });
            toast.success(t("credentials.remembered", { host }));
          } catch (error) {
            toast.error(t("credentials.notRemembered", { reason: errorText(error) }));
          }
          await client.invalidateQueries({ queryKey: ["get", CREDENTIALS] });
        };
        return long(asked.operation, { ...body, credentials }, remember ? store : undefined);
      },
    };
  }, [workspace, path, session, client, t, errorText]);
}

const BASE = "/api/v1/workspaces/{workspace}/git/";

const CREDENTIALS = "/api/v1/me/git-credentials";

function chosen(selection: Selection | undefined) {
  return selection ? { selection } : {};
}

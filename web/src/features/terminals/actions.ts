/** What people do with terminals: requests, and what follows in the page. */
import { useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { toast } from "sonner";
import { agentApi } from "@/api/agent";
import type { ApiError } from "@/api/errors";
import { useErrorText } from "@/lib/error-text";
import { usePanes } from "./panes/store";
import { showTerminal, withTerminals } from "./panes/tree";
import { recordingList, refreshTerminals, type Terminal, terminalList } from "./queries";

const LIST = "/api/v1/workspaces/{workspace}/terminals";
const ONE = "/api/v1/workspaces/{workspace}/terminals/{terminal}";

export interface TerminalActions {
  /** Makes one and shows it; it, unless that failed. */
  create: (like?: Like) => Promise<Terminal | undefined>;
  /** Renames it, or gives it another colour or picture. */
  update: (terminal: Terminal, change: Change) => Promise<void>;
  /** Ends its program and forgets it. */
  close: (terminal: Terminal) => Promise<void>;
  /** The same command again, in a new terminal of the same name. */
  restart: (terminal: Terminal) => Promise<void>;
  record: (terminal: Terminal) => Promise<void>;
  stopRecording: (terminal: Terminal) => Promise<void>;
}

type Like = Partial<Pick<Terminal, "name" | "command" | "cwd" | "color" | "icon">>;
type Change = Partial<Pick<Terminal, "name" | "color" | "icon">>;

export function useTerminalActions(workspace: string): TerminalActions {
  const client = useQueryClient();
  const errorText = useErrorText();
  const { t } = useTranslation("terminals");
  const { queryKey } = terminalList(workspace);

  /** Runs it; a failure is told in the server's words, and the list is read again either way. */
  const attempt = async (action: () => Promise<void>) => {
    try {
      await action();
    } catch (error) {
      toast.error(errorText(error as ApiError));
    }
    await refreshTerminals(client, workspace);
  };

  const create: TerminalActions["create"] = async (like = {}) => {
    let made: Terminal | undefined;
    await attempt(async () => {
      const { name, command, cwd, color, icon } = like;
      const { data } = await agentApi.POST(LIST, {
        params: { path: { workspace } },
        body: { name, command, cwd, color, icon },
      });
      if (!data) return;
      made = data;
      const items = client.getQueryData(queryKey)?.items ?? [];
      client.setQueryData(queryKey, { items: [...items, data] });
      const ids = [...items, data].map(({ id }) => id);
      usePanes
        .getState()
        .change(workspace, (layout) => showTerminal(withTerminals(layout, ids), data.id));
    });
    return made;
  };

  const remove = async (terminal: Terminal) => {
    await agentApi.DELETE(ONE, { params: { path: { workspace, terminal: terminal.id } } });
    client.setQueryData(queryKey, (list) => ({
      items: (list?.items ?? []).filter(({ id }) => id !== terminal.id),
    }));
  };

  return {
    create,
    update: (terminal, change) =>
      attempt(async () => {
        const params = { path: { workspace, terminal: terminal.id } };
        const { data } = await agentApi.PATCH(ONE, { params, body: change });
        client.setQueryData(queryKey, (list) => ({
          items: (list?.items ?? []).map((item) => (item.id === data?.id ? data : item)),
        }));
      }),
    close: (terminal) => attempt(() => remove(terminal)),
    restart: async (terminal) => {
      await attempt(() => remove(terminal));
      await create(terminal);
    },
    record: (terminal) =>
      attempt(async () => {
        const params = { path: { workspace, terminal: terminal.id } };
        const { data } = await agentApi.POST(`${ONE}/recordings`, { params });
        const count = data?.dropped?.length ?? 0;
        toast.success(t("recordings.begun"), {
          description: count > 0 ? t("recordings.dropped", { count }) : undefined,
        });
      }),
    stopRecording: ({ recording }) =>
      attempt(async () => {
        if (recording == null) return;
        const path = "/api/v1/workspaces/{workspace}/recordings/{recording}/stop";
        await agentApi.POST(path, { params: { path: { workspace, recording } } });
        await client.invalidateQueries({ queryKey: recordingList(workspace).queryKey });
        toast.success(t("recordings.kept"));
      }),
  };
}

/** What people do with terminals: requests, and what follows in the page. */
import { useQueryClient } from "@tanstack/react-query";
import { toast } from "sonner";
import { agentApi } from "@/api/agent";
import type { ApiError } from "@/api/errors";
import { useErrorText } from "@/lib/error-text";
import { refreshTerminals, type Terminal, terminalList } from "./queries";
import { useTerminals } from "./store";

const LIST = "/api/v1/workspaces/{workspace}/terminals";
const ONE = "/api/v1/workspaces/{workspace}/terminals/{terminal}";

export interface TerminalActions {
  /** Makes one and shows it. */
  create: (like?: Pick<Terminal, "name" | "command" | "cwd">) => Promise<void>;
  rename: (terminal: Terminal, name: string) => Promise<void>;
  /** Ends its program and forgets it. */
  close: (terminal: Terminal) => Promise<void>;
  /** The same command again, in a new terminal of the same name. */
  restart: (terminal: Terminal) => Promise<void>;
}

export function useTerminalActions(workspace: string): TerminalActions {
  const client = useQueryClient();
  const errorText = useErrorText();
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

  const create: TerminalActions["create"] = (like) =>
    attempt(async () => {
      const { data } = await agentApi.POST(LIST, {
        params: { path: { workspace } },
        body: like ? { name: like.name, command: like.command, cwd: like.cwd } : {},
      });
      if (!data) return;
      client.setQueryData(queryKey, (list) => ({ items: [...(list?.items ?? []), data] }));
      useTerminals.getState().show(workspace, data.id);
    });

  const remove = async (terminal: Terminal) => {
    await agentApi.DELETE(ONE, { params: { path: { workspace, terminal: terminal.id } } });
    client.setQueryData(queryKey, (list) => ({
      items: (list?.items ?? []).filter(({ id }) => id !== terminal.id),
    }));
  };

  return {
    create,
    rename: (terminal, name) =>
      attempt(async () => {
        const params = { path: { workspace, terminal: terminal.id } };
        const { data } = await agentApi.PATCH(ONE, { params, body: { name } });
        client.setQueryData(queryKey, (list) => ({
          items: (list?.items ?? []).map((item) => (item.id === data?.id ? data : item)),
        }));
      }),
    close: (terminal) => attempt(() => remove(terminal)),
    restart: async (terminal) => {
      await attempt(() => remove(terminal));
      await create(terminal);
    },
  };
}

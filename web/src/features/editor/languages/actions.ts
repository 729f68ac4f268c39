/** What people do with a language server. */
import { queryOptions, useMutation } from "@tanstack/react-query";
import { toast } from "sonner";
import { agentApi } from "@/api/agent";
import { failureOf } from "../files";
import type { LanguageServer } from "./store";

type Server = Pick<LanguageServer, "language" | "root">;

/** How often a log that is shown is asked for. */
const LOG_EVERY_MS = 2000;

const paramsOf = (workspace: string, { language, root }: Server) => ({
  params: { path: { workspace, language }, query: { root } },
});

export type ServerAction = "restart" | "stop" | "install";

/** Restarts, stops or installs a server; it follows, and the server's state tells. */
export function useServerAction(workspace: string) {
  return useMutation({
    mutationFn: async ({ server, action }: { server: Server; action: ServerAction }) => {
      const params = paramsOf(workspace, server);
      switch (action) {
        case "restart":
          return agentApi.POST(
            "/api/v1/workspaces/{workspace}/languages/{language}/restart",
            params,
          );
        case "stop":
          return agentApi.POST("/api/v1/workspaces/{workspace}/languages/{language}/stop", params);
        case "install":
          return agentApi.POST(
            "/api/v1/workspaces/{workspace}/languages/{language}/install",
            params,
          );
      }
    },
    onError: (error) => toast.error(failureOf(error).message),
  });
}

export function serverLog(workspace: string, server: Server) {
  return queryOptions({
    queryKey: ["languages", "log", workspace, server.language, server.root],
    queryFn: async () => {
      const { data } = await agentApi.GET(
        "/api/v1/workspaces/{workspace}/languages/{language}/log",
        paramsOf(workspace, server),
      );
      return data;
    },
    refetchInterval: LOG_EVERY_MS,
    staleTime: 0,
  });
}

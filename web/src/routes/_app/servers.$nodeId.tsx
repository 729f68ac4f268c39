import { createFileRoute } from "@tanstack/react-router";
import { ServerJobs } from "@/features/node-jobs/server-jobs";
import { ServerPage } from "@/features/servers/server-page";
import { parseTab } from "@/features/servers/tabs";
import { TerminalPanel } from "@/features/terminals/terminal-panel";
import { loadTexts } from "@/lib/i18n";

/** One server. Its machine's terminals are the workspaces' terminals, at another address. */
export const Route = createFileRoute("/_app/servers/$nodeId")({
  validateSearch: parseTab,
  // The terminals speak the workbench's words.
  loader: () =>
    Promise.all((["servers", "telemetry", "workbench", "jobs"] as const).map(loadTexts)),
  component: ServerRoute,
});

function ServerRoute() {
  const { nodeId } = Route.useParams();
  return (
    <ServerPage
      key={nodeId}
      nodeId={nodeId}
      terminals={<TerminalPanel workspace={nodeId} visible createsFirst={false} />}
      jobs={<ServerJobs nodeId={nodeId} />}
    />
  );
}

import { createFileRoute } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import { ServerEvents } from "@/features/audit/server-events";
import { ServerJobs } from "@/features/node-jobs/server-jobs";
import { ServerPage } from "@/features/servers/server-page";
import { parseTab } from "@/features/servers/tabs";
import { loadTexts } from "@/lib/i18n";

const MachineFiles = lazy(async () => ({
  default: (await import("./-machine-files")).MachineFiles,
}));

const TerminalPanel = lazy(async () => ({
  default: (await import("@/features/terminals/terminal-panel")).TerminalPanel,
}));

/** What stands in the place of a tab that is on its way. */
const COMING = <div className="skeleton m-3 h-4 w-48" />;

/** One server. Its machine's terminals and files are the workspaces', at another address. */
export const Route = createFileRoute("/_app/servers/$nodeId")({
  validateSearch: parseTab,
  // Terminals and files speak the workbench's words.
  loader: () =>
    loadTexts(
      "servers",
      "telemetry",
      "workbench",
      "files",
      "editor",
      "terminals",
      "jobs",
      "organization",
    ),
  component: ServerRoute,
});

function ServerRoute() {
  const { nodeId } = Route.useParams();
  return (
    <ServerPage
      key={nodeId}
      nodeId={nodeId}
      terminals={
        <Suspense fallback={COMING}>
          <TerminalPanel workspace={nodeId} visible createsFirst={false} />
        </Suspense>
      }
      files={(node) => (
        <Suspense fallback={COMING}>
          <MachineFiles node={node} />
        </Suspense>
      )}
      jobs={<ServerJobs nodeId={nodeId} />}
      events={<ServerEvents nodeId={nodeId} />}
    />
  );
}

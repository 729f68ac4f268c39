/** What a workspace's page asks for first, asked for while the page itself is on its way. */
import type { QueryClient } from "@tanstack/react-query";
import { directoryOptions } from "@/features/files/queries";
import { terminalList } from "@/features/terminals/queries";
import { workspaceView } from "@/features/workbench/queries";

/** Fills the cache; what cannot be had, the panels ask for and say. */
export function preloadWorkspace(client: QueryClient, workspace: string): void {
  void client.prefetchQuery(workspaceView(workspace));
  void client.prefetchQuery(terminalList(workspace));
  void client.prefetchQuery(directoryOptions(workspace, ""));
  // A terminal measures its letters before it is drawn.
  void document.fonts.load('13px "IBM Plex Mono"').catch(() => []);
}

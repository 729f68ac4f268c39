import { createFileRoute } from "@tanstack/react-router";
import { useStore } from "zustand";
import type { Workspace } from "@/api/types";
import { RemoteServer, RemoteServerOffline } from "@/components/node/remote-server";
import { SignedIn } from "@/components/shell/signed-in";
import { EditorPanel } from "@/features/editor/editor-panel";
import { EditorStatus } from "@/features/editor/editor-status";
import type { EditorSession } from "@/features/editor/session";
import { UnsavedGuard } from "@/features/editor/unsaved-guard";
import { useEditor, useFilesOnDisk } from "@/features/editor/use-editor";
import { FilePanel } from "@/features/files/file-panel";
import { GitBranchStatus } from "@/features/files/git-branch";
import { movedPath } from "@/features/files/paths";
import { useFiles } from "@/features/files/use-files";
import { TerminalPanel } from "@/features/terminals/terminal-panel";
import { useLayout } from "@/features/workbench/layout";
import { StatusBar } from "@/features/workbench/status-bar";
import { Workbench } from "@/features/workbench/workbench";
import { WorkspacePage } from "@/features/workbench/workspace-page";
import { loadTexts } from "@/lib/i18n";
import { requireAccount } from "@/lib/session";
import { useWide } from "@/lib/use-wide";

/** The workspace view, full screen, without the rail. */
export const Route = createFileRoute("/workspaces/$workspaceId")({
  beforeLoad: ({ context, location }) => requireAccount(context.queryClient, location.href),
  loader: () => Promise.all((["workbench", "editor"] as const).map(loadTexts)),
  component: WorkspaceRoute,
});

function WorkspaceRoute() {
  const { workspaceId } = Route.useParams();
  return (
    <SignedIn>
      <WorkspaceView key={workspaceId} workspaceId={workspaceId} />
    </SignedIn>
  );
}

function WorkspaceView({ workspaceId }: { workspaceId: string }) {
  const editor = useEditor(workspaceId);
  return (
    <>
      <WorkspacePage workspaceId={workspaceId}>
        {(workspace) => <Panels workspace={workspace} editor={editor} />}
      </WorkspacePage>
      <UnsavedGuard session={editor} />
    </>
  );
}

/** Features know nothing of each other; here they are brought together. */
function Panels({ workspace, editor }: { workspace: Workspace; editor: EditorSession }) {
  const files = useFiles(workspace.id);
  useFilesOnDisk(editor, files.watch);
  const activePath = useStore(editor.state, (state) => state.activePath);
  const layout = useLayout();
  const wide = useWide();
  return (
    <>
      <RemoteServerOffline workspace={workspace} />
      <Workbench
        files={
          <FilePanel
            files={files}
            activePath={activePath}
            onOpen={(path, preview) => {
              editor.open(path, { preview });
              layout.reveal("editor");
            }}
            onMoved={(from, to) => editor.moved((path) => movedPath(path, from, to))}
            onDeleted={(path) => editor.deleted(path)}
            onReveal={() => layout.reveal("files")}
          />
        }
        editor={<EditorPanel workspace={workspace.id} session={editor} />}
        terminal={
          <TerminalPanel
            workspace={workspace.id}
            visible={wide ? layout.terminalOpen : layout.sheet === "terminal"}
            frame={{
              maximized: layout.terminalMaximized,
              onMaximize: (terminalMaximized) => layout.set({ terminalMaximized }),
              onHide: () => layout.set({ terminalOpen: false }),
              onReveal: () => layout.reveal("terminal"),
            }}
          />
        }
      />
      <StatusBar
        workspace={workspace}
        server={<RemoteServer workspace={workspace} />}
        branch={<GitBranchStatus statuses={files.statuses} path={activePath} />}
        editor={<EditorStatus session={editor} />}
      />
    </>
  );
}

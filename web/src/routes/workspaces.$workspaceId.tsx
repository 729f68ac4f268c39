import { createFileRoute } from "@tanstack/react-router";
import { FolderTree, Search } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
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
import { SearchPanel } from "@/features/search/search-panel";
import { useQuickOpen, useSearch } from "@/features/search/use-search";
import { TerminalPanel } from "@/features/terminals/terminal-panel";
import { useLayout } from "@/features/workbench/layout";
import { StatusBar } from "@/features/workbench/status-bar";
import { Workbench } from "@/features/workbench/workbench";
import { WorkspacePage } from "@/features/workbench/workspace-page";
import { useCommands } from "@/lib/commands";
import { loadTexts } from "@/lib/i18n";
import { requireAccount } from "@/lib/session";
import { useWide } from "@/lib/use-wide";
import { SideViews } from "./-side-views";

/** The workspace view, full screen, without the rail. */
export const Route = createFileRoute("/workspaces/$workspaceId")({
  beforeLoad: ({ context, location }) => requireAccount(context.queryClient, location.href),
  loader: () => Promise.all([loadTexts("workbench"), loadTexts("search")]),
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
  const activePath = useStore(editor.state, (state) => state.tabs.active);
  const { t } = useTranslation("search");
  const layout = useLayout();
  const wide = useWide();
  const search = useSearch(workspace.id);
  const [view, setView] = useState("files");
  const reveal = (next: string) => {
    setView(next);
    layout.reveal("files");
  };
  const quickOpen = useQuickOpen({
    workspace: workspace.id,
    activePath,
    onOpen: (path, place) => {
      editor.open(path, place);
      layout.reveal("editor");
    },
  });
  useCommands([
    {
      id: "search.show",
      title: t("command.show"),
      section: t("section"),
      shortcut: "Mod+Shift+F",
      run: () => {
        reveal("search");
        search.askFocus();
      },
    },
  ]);
  return (
    <>
      <RemoteServerOffline workspace={workspace} />
      <Workbench
        files={
          <SideViews
            shown={view}
            onShow={setView}
            views={[
              {
                id: "files",
                label: t("files"),
                icon: FolderTree,
                content: (
                  <FilePanel
                    files={files}
                    activePath={activePath}
                    onOpen={(path, preview) => {
                      editor.open(path, { preview });
                      layout.reveal("editor");
                    }}
                    onMoved={(from, to) => editor.moved((path) => movedPath(path, from, to))}
                    onDeleted={(path) => editor.deleted(path)}
                    onReveal={() => reveal("files")}
                  />
                ),
              },
              {
                id: "search",
                label: t("panel"),
                icon: Search,
                content: (
                  <SearchPanel
                    session={search}
                    onOpen={(path, place, preview) => {
                      editor.open(path, { ...place, preview });
                      layout.reveal("editor");
                    }}
                    onReveal={() => reveal("search")}
                  />
                ),
              },
            ]}
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
      {quickOpen}
      <StatusBar
        workspace={workspace}
        server={<RemoteServer workspace={workspace} />}
        branch={<GitBranchStatus statuses={files.statuses} path={activePath} />}
        editor={<EditorStatus session={editor} />}
      />
    </>
  );
}

import { createFileRoute } from "@tanstack/react-router";
import { CircleAlert, FolderTree, GitBranch, Radio, Search } from "lucide-react";
import { lazy } from "react";
import { useTranslation } from "react-i18next";
import { toast } from "sonner";
import { useStore } from "zustand";
import type { Workspace } from "@/api/types";
import { RemoteServer, RemoteServerOffline } from "@/components/node/remote-server";
import { SignedIn } from "@/components/shell/signed-in";
import { EditorPanel } from "@/features/editor/editor-panel";
import { EditorStatus } from "@/features/editor/editor-status";
import { LanguageDialogs } from "@/features/editor/languages/language-dialogs";
import { LanguageStatus } from "@/features/editor/languages/language-status";
import { ProblemsPanel } from "@/features/editor/languages/problems-panel";
import { useLanguages } from "@/features/editor/languages/use-languages";
import type { EditorSession, OpenOptions } from "@/features/editor/session";
import { UnsavedGuard } from "@/features/editor/unsaved-guard";
import { useEditor, useFilesOnDisk } from "@/features/editor/use-editor";
import { baseName, movedPath } from "@/features/files/paths";
import { Repositories, useFiles } from "@/features/files/use-files";
import { GitPanel } from "@/features/git/git-panel";
import { useGitSession } from "@/features/git/session";
import { placeOf } from "@/features/git/text/repository";
import { PreviewBeside } from "@/features/ports/beside";
import { PortsPanel } from "@/features/ports/ports-panel";
import { usePorts } from "@/features/ports/use-ports";
import { SearchPanel } from "@/features/search/search-panel";
import { useSearch } from "@/features/search/use-search";
import { useTerminalActions } from "@/features/terminals/actions";
import { TerminalPanel } from "@/features/terminals/terminal-panel";
import { useVsCode } from "@/features/vscode/use-vscode";
import { VsCodeBar } from "@/features/vscode/vscode-bar";
import { LayoutProvider, useLayout } from "@/features/workbench/layout";
import { StatusBar } from "@/features/workbench/status-bar";
import { Workbench } from "@/features/workbench/workbench";
import { WorkspacePage } from "@/features/workbench/workspace-page";
import { loadTexts } from "@/lib/i18n";
import { requireAccount } from "@/lib/session";
import { shownPath } from "@/lib/shown-path";
import { useWide } from "@/lib/use-wide";
import { Branch, FilesView, OnActiveFile } from "./-active-file";
import { WorkspaceSettings } from "./-workspace-settings";

const MergeView = lazy(async () => ({
  default: (await import("@/features/editor/merge/merge-view")).MergeView,
}));

/** The workspace view, full screen, without the rail. */
export const Route = createFileRoute("/workspaces/$workspaceId")({
  beforeLoad: ({ context, location }) => requireAccount(context.queryClient, location.href),
  loader: ({ context, params }) => {
    void import("./-workspace-preload").then(
      ({ preloadWorkspace }) => preloadWorkspace(context.queryClient, params.workspaceId),
      () => {
        // The panels ask for themselves.
      },
    );
    return loadTexts(
      "workbench",
      "layout",
      "files",
      "editor",
      "terminals",
      "search",
      "git",
      "ports",
      "vscode",
    );
  },
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
    <LayoutProvider host={workspaceId}>
      <WorkspacePage workspaceId={workspaceId}>
        {(workspace) => <Panels workspace={workspace} editor={editor} />}
      </WorkspacePage>
      <UnsavedGuard session={editor} />
      <WorkspaceSettings />
    </LayoutProvider>
  );
}

/** Features know nothing of each other; here they are brought together. */
function Panels({ workspace, editor }: { workspace: Workspace; editor: EditorSession }) {
  const files = useFiles(workspace.id);
  const terminals = useTerminalActions(workspace.id);
  useFilesOnDisk(editor, files.watch);
  const languages = useLanguages(editor, files.watch);
  const { t } = useTranslation(["layout", "search", "git", "editor", "ports"]);
  const layout = useLayout();
  const showProblems = () => layout.reveal("problems");
  const wide = useWide();
  const search = useSearch(workspace.id);
  const ports = usePorts(workspace.id, () => layout.reveal("editor"));
  const vscode = useVsCode(workspace.id);
  const git = useGitSession();
  const statuses = useStore(files.repositories);
  const repositoryOf = (path: string) => placeOf(files.repositories.getState(), path);
  const showHistory = (path: string) => {
    const place = repositoryOf(path);
    if (!place) toast.error(t("text.noRepository", { ns: "git" }));
    else {
      const view = { kind: "log" as const, file: place.file };
      git.setState({ repository: place.status.root, view });
    }
  };
  const open = (path: string, place: OpenOptions = {}) => {
    editor.open(path, place);
    layout.reveal("editor");
  };
  return (
    <>
      <RemoteServerOffline workspace={workspace} />
      <Workbench
        workspace={workspace.id}
        views={[
          {
            id: "files",
            label: t("view.files"),
            icon: FolderTree,
            shortcut: "Mod+Shift+E",
            eager: true,
            content: (
              <FilesView
                files={files}
                editor={editor}
                onOpen={(path, preview) => open(path, { preview })}
                onMoved={(from, to) => editor.moved((path) => movedPath(path, from, to))}
                onDeleted={(path) => editor.deleted(path)}
                onReveal={() => layout.reveal("files")}
                onHistory={showHistory}
                onTerminal={(folder) => {
                  layout.reveal("terminal");
                  const cwd = shownPath(folder);
                  void terminals.create({
                    name: baseName(cwd) || workspace.name,
                    command: [],
                    cwd,
                  });
                }}
              />
            ),
          },
          {
            id: "search",
            label: t("panel", { ns: "search" }),
            icon: Search,
            shortcut: "Mod+Shift+F",
            eager: true,
            content: (
              <SearchPanel
                session={search}
                onOpen={(path, place, preview) => open(path, { ...place, preview })}
                onReveal={() => layout.reveal("search")}
              />
            ),
          },
          {
            id: "git",
            label: t("panel", { ns: "git" }),
            icon: GitBranch,
            shortcut: "Mod+Shift+G",
            eager: true,
            content: (
              <GitPanel
                workspace={workspace.id}
                session={git}
                statuses={statuses}
                onOpen={(path) => open(path)}
                onReveal={() => layout.reveal("git")}
                mergeView={MergeView}
              />
            ),
          },
          {
            id: "ports",
            label: t("panel", { ns: "ports" }),
            icon: Radio,
            content: (
              <div className="flex h-full flex-col">
                <VsCodeBar onOpen={vscode.open} onManage={vscode.manage} />
                <div className="min-h-0 flex-1">
                  <PortsPanel workspace={workspace.id} actions={ports} />
                </div>
              </div>
            ),
          },
          {
            id: "problems",
            label: t("problems.title", { ns: "editor" }),
            icon: CircleAlert,
            content: <ProblemsPanel languages={languages} onOpen={open} />,
          },
        ]}
        editor={
          <PreviewBeside workspace={workspace.id} actions={ports}>
            <EditorPanel
              workspace={workspace.id}
              session={editor}
              fileOrders={(path) =>
                repositoryOf(path)
                  ? [
                      {
                        id: "history",
                        title: t("history.open", { ns: "git" }),
                        run: () => showHistory(path),
                      },
                    ]
                  : []
              }
            />
          </PreviewBeside>
        }
        terminal={
          <TerminalPanel
            workspace={workspace.id}
            onOpenFile={({ path, line, column }) => open(path, { line, column })}
            visible={
              wide
                ? layout.terminalOpen && layout.maximized !== "editor"
                : layout.sheet === "terminal"
            }
            frame={{
              maximized: layout.maximized === "terminal",
              onMaximize: (on) => layout.set({ maximized: on ? "terminal" : "none" }),
              onHide: () => layout.set({ terminalOpen: false }),
              onReveal: () => layout.reveal("terminal"),
            }}
          />
        }
      />
      {vscode.dialog}
      <Repositories files={files} />
      <OnActiveFile files={files} editor={editor} git={git} languages={languages} onOpen={open} />
      <LanguageDialogs session={editor} languages={languages} />
      <StatusBar
        workspace={workspace}
        server={<RemoteServer workspace={workspace} />}
        branch={<Branch files={files} editor={editor} />}
        editor={
          <>
            <LanguageStatus session={editor} languages={languages} onProblems={showProblems} />
            <EditorStatus session={editor} />
          </>
        }
      />
    </>
  );
}

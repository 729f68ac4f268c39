/** What of a workspace's page follows the file that the editor shows; the panels that do not are not drawn for it. */
import { useStore } from "zustand";
import { useLanguageCommands } from "@/features/editor/languages/commands";
import type { LanguagesStore } from "@/features/editor/languages/store";
import type { EditorSession, OpenOptions } from "@/features/editor/session";
import { FilePanel, type FilePanelProps } from "@/features/files/file-panel";
import { GitBranchStatus } from "@/features/files/git-branch";
import type { HostFiles } from "@/features/files/use-files";
import type { GitSession } from "@/features/git/session";
import { GitTexts } from "@/features/git/text/git-texts";
import { useQuickOpen } from "@/features/search/use-search";

function useActivePath(editor: EditorSession): string | undefined {
  return useStore(editor.state, (state) => state.activePath);
}

/** The files, with the shown one marked. */
export function FilesView(props: Omit<FilePanelProps, "activePath"> & { editor: EditorSession }) {
  const { editor, ...panel } = props;
  return <FilePanel {...panel} activePath={useActivePath(editor)} />;
}

/** The branch of the repository that the shown file is in. */
export function Branch({ files, editor }: { files: HostFiles; editor: EditorSession }) {
  return <GitBranchStatus statuses={useStore(files.repositories)} path={useActivePath(editor)} />;
}

/** What is about the shown file: Git's marks in it, commands, and what was opened lately. */
export function OnActiveFile(props: {
  files: HostFiles;
  editor: EditorSession;
  git: GitSession;
  languages: LanguagesStore;
  onOpen: (path: string, place: OpenOptions) => void;
}) {
  const { files, editor, git, languages, onOpen } = props;
  const { workspace } = files;
  const activePath = useActivePath(editor);
  const statuses = useStore(files.repositories);
  useLanguageCommands(editor, languages);
  const quickOpen = useQuickOpen({ workspace, activePath, onOpen });
  return (
    <>
      {quickOpen}
      <GitTexts
        workspace={workspace}
        session={git}
        statuses={statuses}
        views={editor.textViews}
        activePath={activePath}
      />
    </>
  );
}

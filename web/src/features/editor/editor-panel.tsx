/** The open files, in tabs of groups. Monaco comes with the first text that is shown. */
import type { editor } from "monaco-editor";
import { lazy, type ReactNode, Suspense, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { toast } from "sonner";
import { useStore } from "zustand";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import { shownPath } from "@/lib/shown-path";
import { EditorCommands } from "./commands";
import { EditorPicker } from "./editor-picker";
import { EmptyEditor } from "./empty-editor";
import { GroupView } from "./group-view";
import { GroupLayout } from "./groups/group-layout";
import { openKeys } from "./groups/groups";
import type { FileOrders } from "./groups/tab-menu";
import { pathOf } from "./groups/views";
import type { EditorSession } from "./session";
import { currentEditorSettings } from "./settings/settings";
import { EditorSettingsDialog } from "./settings/settings-dialog";

const MergeDialog = lazy(async () => ({
  default: (await import("./merge/merge-dialog")).MergeDialog,
}));

type Texts = { mine: string; base: string; theirs: string };

interface EditorPanelProps {
  workspace: string;
  session: EditorSession;
  /** Why nothing may be changed. */
  readOnlyReason?: string | undefined;
  /** More orders for a tab of a file, from other features. */
  fileOrders?: FileOrders | undefined;
  /** What stands there while no file is open. */
  empty?: ReactNode;
}

export function EditorPanel(props: EditorPanelProps) {
  const { workspace, session, readOnlyReason, empty } = props;
  const { t } = useTranslation(["workbench", "editor"]);
  const groups = useStore(session.state, (state) => state.groups);
  const [closing, setClosing] = useState<{ key: string; group: string }>();
  const [merging, setMerging] = useState<{ path: string; texts: Texts }>();
  const [settingsOpen, setSettingsOpen] = useState(false);
  const editors = useRef(new Map<string, editor.ICodeEditor>());

  const requestClose = (key: string, group = groups.active) => {
    if (session.loses(key, group)) setClosing({ key, group });
    else session.close(key, group);
  };
  const merge = async (path: string) => {
    const texts = await session.file(path)?.threeTexts();
    if (texts) setMerging({ path, texts });
    else toast.error(t("editor:merge.noText"));
  };
  const activeEditor = () => editors.current.get(session.state.getState().groups.active);
  const save = async () => {
    if (readOnlyReason !== undefined) return;
    if (currentEditorSettings().formatOnSave) {
      await activeEditor()?.getAction("editor.action.formatDocument")?.run();
    }
    await session.active?.save();
  };
  const unseen = (
    <>
      <EditorCommands
        session={session}
        readOnlyReason={readOnlyReason}
        editor={activeEditor}
        save={() => void save()}
        close={requestClose}
        merge={(path) => void merge(path)}
        openSettings={() => setSettingsOpen(true)}
      />
      <EditorPicker session={session} />
      {settingsOpen ? <EditorSettingsDialog onClose={() => setSettingsOpen(false)} /> : null}
    </>
  );

  if (openKeys(groups).length === 0) {
    return (
      <>
        {empty ?? <EmptyEditor />}
        {unseen}
      </>
    );
  }
  return (
    <section aria-label={t("editor.panel")} className="h-full min-h-0 bg-surface">
      <GroupLayout
        node={groups.root}
        active={groups.active}
        onResize={(path, shares) => session.resize(path, shares)}
      >
        {(group) => (
          <GroupView
            key={group}
            workspace={workspace}
            session={session}
            group={group}
            readOnlyReason={readOnlyReason}
            fileOrders={props.fileOrders}
            onClose={(key) => requestClose(key, group)}
            onMerge={(path) => void merge(path)}
            onSave={() => void save()}
            editorRef={(made) => {
              if (made) editors.current.set(group, made);
              else editors.current.delete(group);
            }}
          />
        )}
      </GroupLayout>
      {unseen}
      {merging ? (
        <Suspense fallback={null}>
          <MergeDialog
            session={session}
            path={merging.path}
            texts={merging.texts}
            onClose={() => setMerging(undefined)}
          />
        </Suspense>
      ) : null}
      <ConfirmDialog
        open={closing !== undefined}
        onOpenChange={(open) => !open && setClosing(undefined)}
        title={t("editor.closeTitle", { name: shownPath(pathOf(closing?.key ?? "") ?? "") })}
        description={t("editor.closeDescription")}
        action={t("editor.closeAction")}
        pending={false}
        onConfirm={() => {
          if (closing) session.close(closing.key, closing.group);
          setClosing(undefined);
        }}
      />
    </section>
  );
}

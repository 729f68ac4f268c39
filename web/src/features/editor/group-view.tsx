/** One group: its tabs, what the active one shows, and what is to be said of it. */
import { BookOpenText, Columns2, Save } from "lucide-react";
import type { editor } from "monaco-editor";
import { useTranslation } from "react-i18next";
import { useStore } from "zustand";
import { useShallow } from "zustand/react/shallow";
import { IconButton } from "@/components/ui/icon-button";
import { shownPath } from "@/lib/shown-path";
import { Breadcrumbs } from "./breadcrumbs";
import { ConflictBanner } from "./conflict-banner";
import { isMarkdown } from "./content";
import { isDirty } from "./document";
import { DropZones } from "./groups/drop-zones";
import { GroupTabs } from "./groups/group-tabs";
import { tabsOf } from "./groups/groups";
import type { FileOrders } from "./groups/tab-menu";
import { pathOf, viewOf } from "./groups/views";
import type { MonacoBuffer } from "./monaco";
import type { EditorSession } from "./session";
import { autosaveOn, useEditorSettings } from "./settings/settings";
import { isTextual, TabContent } from "./tab-content";

interface GroupViewProps {
  workspace: string;
  session: EditorSession;
  group: string;
  readOnlyReason: string | undefined;
  fileOrders: FileOrders | undefined;
  onClose: (key: string) => void;
  onMerge: (path: string) => void;
  /** Saves the active file as the command does. */
  onSave: () => void;
  editorRef: (editor: editor.ICodeEditor | undefined) => void;
}

export function GroupView(props: GroupViewProps) {
  const { workspace, session, group, readOnlyReason, onClose } = props;
  const { t } = useTranslation(["editor", "workbench"]);
  // Not the cursor, which moves with each key.
  const { groups, contents, reveal } = useStore(
    session.state,
    useShallow(({ groups, contents, reveal }) => ({ groups, contents, reveal })),
  );
  const [settings] = useEditorSettings();
  const autosave = autosaveOn(workspace, settings);
  const tabs = tabsOf(groups, group);
  const key = tabs.active;
  if (key === undefined) return null;
  const view = viewOf(key);
  const path = pathOf(key);
  const content = path === undefined ? undefined : contents[path];
  const document = content?.kind === "text" ? content.document : undefined;
  const file = session.file(path);
  // In a conflict, too: pressing it changes nothing then, and the banner says what to decide.
  const mayBeSaved = document && (isDirty(document) || document.disk.kind === "deleted");
  return (
    <section
      aria-label={t("group.label", { number: group })}
      data-active={group === groups.active}
      className="group/editors flex h-full min-h-0 flex-col bg-surface"
      onFocusCapture={() => session.focusGroup(group)}
      onPointerDownCapture={() => session.focusGroup(group)}
    >
      <div className="flex h-9 shrink-0 items-center border-b bg-canvas">
        <GroupTabs
          workspace={workspace}
          group={group}
          tabs={tabs}
          contents={contents}
          session={session}
          fileOrders={props.fileOrders}
          onClose={onClose}
        />
        {document && path !== undefined && view.kind === "file" && isMarkdown(path) ? (
          <IconButton
            label={t("markdown.open")}
            onClick={() => session.openView({ kind: "markdown", path }, { group: "beside" })}
          >
            <BookOpenText />
          </IconButton>
        ) : null}
        {document && autosave !== "delay" ? (
          <IconButton
            label={t("editor.save", { ns: "workbench" })}
            pending={document.savingVersion !== undefined}
            disabledReason={
              readOnlyReason ??
              (mayBeSaved ? undefined : t("editor.state.saved", { ns: "workbench" }))
            }
            onClick={() => void file?.save()}
          >
            <Save />
          </IconButton>
        ) : null}
        <IconButton
          label={t("group.splitEnd")}
          className="me-1 max-md:hidden"
          onClick={() => session.split("end", group)}
        >
          <Columns2 />
        </IconButton>
      </div>
      {document && path !== undefined ? (
        <ConflictBanner
          document={document}
          autosave={autosave}
          onMerge={() => props.onMerge(path)}
          onCompare={() => session.compare({ source: "saved", path }, { source: "file", path })}
          onOverwrite={() => void file?.overwrite()}
          onTakeTheirs={() => void file?.takeTheirs()}
          onSave={() => void file?.save()}
          onEncoding={() => session.pick("encodingSave")}
          onDismiss={() => file?.noticed()}
        />
      ) : null}
      {settings.breadcrumbs && view.kind === "file" && path !== undefined ? (
        <Breadcrumbs
          workspace={workspace}
          path={path}
          session={session}
          group={group}
          buffer={content?.kind === "text" ? (content.buffer as MonacoBuffer) : undefined}
        />
      ) : null}
      <DropZones
        onDrop={(tab, side) => {
          if (side === undefined) {
            if (tab.group === undefined) session.open(tab.key, { group });
            else session.place(tab.key, tab.group, group, Number.POSITIVE_INFINITY);
          } else if (tab.group !== undefined) {
            session.splitWith(tab.key, tab.group, group, side);
          } else {
            session.open(tab.key, { group });
            session.splitWith(tab.key, group, group, side);
          }
        }}
      >
        <div
          role="tabpanel"
          id={`editor-view-${group}`}
          aria-label={path === undefined ? t("tab.list") : shownPath(path)}
          className="relative min-h-0 flex-1"
        >
          <TabContent
            key={isTextual(view, content) ? "text" : key}
            workspace={workspace}
            session={session}
            group={group}
            tabKey={key}
            view={view}
            contents={contents}
            active={group === groups.active}
            readOnly={readOnlyReason !== undefined}
            reveal={reveal?.group === group && reveal.path === key ? reveal.place : undefined}
            onClose={() => onClose(key)}
            onSave={props.onSave}
            editorRef={props.editorRef}
          />
        </div>
      </DropZones>
    </section>
  );
}

/** The open files, in tabs. Monaco comes with the first text that is shown. */

import { Save } from "lucide-react";
import type { editor } from "monaco-editor";
import { lazy, type ReactNode, Suspense, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useStore } from "zustand";
import { pathForPeople } from "@/api/agent";
import { TabStrip } from "@/components/tab-strip";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import { IconButton } from "@/components/ui/icon-button";
import { cn } from "@/lib/cn";
import { shownPath } from "@/lib/shown-path";
import { useEditorCommands } from "./commands";
import { CompareDialog } from "./compare-dialog";
import { ConflictBanner } from "./conflict-banner";
import { type DocumentState, isDirty } from "./document";
import { EmptyEditor } from "./empty-editor";
import { httpFiles } from "./files";
import type { MonacoBuffer } from "./monaco";
import type { FileContent } from "./openFile";
import { AbsentView, BinaryView, FailedView, ImageView, LargeView } from "./other-views";
import type { EditorSession, TextPlace } from "./session";
import { type Tabs, tabLabels } from "./tabs";

const CodeView = lazy(async () => ({ default: (await import("./code-view")).CodeView }));

interface EditorPanelProps {
  workspace: string;
  session: EditorSession;
  /** Why nothing may be changed. */
  readOnlyReason?: string | undefined;
  /** What stands there while no file is open. */
  empty?: ReactNode;
}

export function EditorPanel(props: EditorPanelProps) {
  const { workspace, session, readOnlyReason, empty } = props;
  const { t } = useTranslation("workbench");
  const { tabs, contents, autosave, reveal } = useStore(session.state);
  const [closing, setClosing] = useState<string>();
  const [comparing, setComparing] = useState<{ path: string; theirs: string }>();
  const monacoEditor = useRef<editor.ICodeEditor>(undefined);
  const { active } = tabs;
  const content = active === undefined ? undefined : contents[active];

  const requestClose = (path: string) => {
    if (session.file(path)?.dirty) setClosing(path);
    else session.close(path);
  };
  const compare = async (path: string) => {
    const theirs = await session.file(path)?.theirs();
    if (theirs !== undefined) setComparing({ path, theirs });
  };
  useEditorCommands({
    session,
    active,
    content,
    autosave,
    readOnlyReason,
    editor: () => monacoEditor.current,
    close: requestClose,
  });

  if (active === undefined) return empty ?? <EmptyEditor />;
  const document = content?.kind === "text" ? content.document : undefined;
  return (
    <section aria-label={t("editor.panel")} className="flex h-full min-h-0 flex-col bg-surface">
      <div className="flex h-9 shrink-0 items-center border-b bg-canvas">
        <EditorTabs
          workspace={workspace}
          tabs={tabs}
          contents={contents}
          onClose={requestClose}
          session={session}
        />
        {document && !autosave ? (
          <IconButton
            label={t("editor.save")}
            className="me-1"
            pending={document.savingVersion !== undefined}
            disabledReason={
              readOnlyReason ?? (mayBeSaved(document) ? undefined : t("editor.state.saved"))
            }
            onClick={() => void session.active?.save()}
          >
            <Save />
          </IconButton>
        ) : null}
      </div>
      {document ? (
        <ConflictBanner
          document={document}
          autosave={autosave}
          onCompare={() => void compare(active)}
          onOverwrite={() => void session.active?.overwrite()}
          onTakeTheirs={() => void session.active?.takeTheirs()}
          onSave={() => void session.active?.save()}
        />
      ) : null}
      <div
        role="tabpanel"
        id="editor-view"
        aria-label={shownPath(active)}
        className="relative min-h-0 flex-1"
      >
        <Content
          key={content?.kind === "text" ? "text" : active}
          workspace={workspace}
          path={active}
          session={session}
          content={content}
          readOnly={readOnlyReason !== undefined}
          reveal={reveal?.path === active ? reveal.place : undefined}
          onClose={() => requestClose(active)}
          editorRef={(made) => {
            monacoEditor.current = made;
          }}
        />
      </div>
      {comparing ? (
        <CompareDialog
          session={session}
          path={comparing.path}
          theirs={comparing.theirs}
          onClose={() => setComparing(undefined)}
        />
      ) : null}
      <ConfirmDialog
        open={closing !== undefined}
        onOpenChange={(open) => !open && setClosing(undefined)}
        title={t("editor.closeTitle", { name: shownPath(closing ?? "") })}
        description={t("editor.closeDescription")}
        action={t("editor.closeAction")}
        pending={false}
        onConfirm={() => {
          if (closing) session.close(closing);
          setClosing(undefined);
        }}
      />
    </section>
  );
}

/** In a conflict, too: pressing it changes nothing then, and the banner says what to decide. */
function mayBeSaved(document: DocumentState): boolean {
  return isDirty(document) || document.disk.kind === "deleted";
}

interface EditorTabsProps {
  workspace: string;
  tabs: Tabs;
  contents: Readonly<Record<string, FileContent>>;
  session: EditorSession;
  onClose: (path: string) => void;
}

function EditorTabs({ workspace, tabs, contents, session, onClose }: EditorTabsProps) {
  const { t } = useTranslation("workbench");
  const labels = tabLabels(tabs.order);
  return (
    <TabStrip
      label={t("editor.tabs")}
      active={tabs.active}
      closeTitle={(tab) => t("editor.close", { name: tab.name })}
      onSelect={(path) => session.open(path)}
      onClose={onClose}
      onRename={(path) => session.keep(path)}
      tabs={tabs.order.map((path) => {
        const label = labels.get(path);
        const content = contents[path];
        const document = content?.kind === "text" ? content.document : undefined;
        const dirty = document !== undefined && isDirty(document);
        const gone = document?.disk.kind === "deleted" || content?.kind === "absent";
        return {
          id: path,
          name: label?.name ?? path,
          title: pathForPeople(workspace, path),
          controls: "editor-view",
          label: (
            <>
              <bdi
                dir="ltr"
                className={cn(gone && "line-through", path === tabs.preview && "italic")}
              >
                {label?.name}
              </bdi>
              {label?.hint ? (
                <bdi dir="ltr" className="ms-1.5 text-ink-3 text-xs">
                  {label.hint}
                </bdi>
              ) : null}
              {dirty ? <span className="sr-only">{t("editor.unsaved")}</span> : null}
            </>
          ),
          mark: dirty ? (
            <span title={t("editor.unsaved")} className="block size-2 rounded-full bg-ink-2" />
          ) : undefined,
        };
      })}
    />
  );
}

interface ContentProps {
  workspace: string;
  path: string;
  session: EditorSession;
  content: FileContent | undefined;
  readOnly: boolean;
  reveal: TextPlace | undefined;
  onClose: () => void;
  editorRef: (editor: editor.ICodeEditor | undefined) => void;
}

function Content(props: ContentProps) {
  const { workspace, path, session, content, readOnly, onClose, editorRef } = props;
  switch (content?.kind) {
    case "text":
      return (
        <Suspense fallback={<LoadingLines />}>
          <CodeView
            // The session makes its buffers with Monaco (use-editor.ts).
            buffer={content.buffer as MonacoBuffer}
            label={shownPath(path)}
            readOnly={readOnly}
            reveal={props.reveal}
            onRevealed={() => session.revealed()}
            onCursor={(cursor, language) => session.setCursor(cursor, language)}
            editorRef={editorRef}
          />
        </Suspense>
      );
    case "binary":
      return <BinaryView workspace={workspace} path={path} {...content} />;
    case "image":
      return (
        <ImageView
          workspace={workspace}
          path={path}
          {...content}
          onOpenAsText={() => session.openAsText(path)}
        />
      );
    case "large":
      return (
        <LargeView
          workspace={workspace}
          path={path}
          size={content.size}
          files={httpFiles(workspace)}
        />
      );
    case "absent":
      return <AbsentView onClose={onClose} />;
    case "failed":
      return (
        <FailedView
          message={content.failure.message}
          onRetry={() => void session.file(path)?.load()}
        />
      );
    default:
      return <LoadingLines />;
  }
}

/** Where text will stand. */
function LoadingLines() {
  return (
    <div aria-hidden className="flex flex-col gap-2 p-4 ps-16">
      {["w-1/3", "w-1/2", "w-2/5", "w-1/4"].map((width) => (
        <div key={width} className={cn("skeleton h-3", width)} />
      ))}
    </div>
  );
}

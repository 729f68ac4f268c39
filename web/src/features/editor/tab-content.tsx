/** What a tab shows, by what is known of its file. */
import { useQuery } from "@tanstack/react-query";
import type { editor } from "monaco-editor";
import { lazy, type ReactNode, Suspense, useMemo, useState } from "react";
import { cn } from "@/lib/cn";
import { shownPath } from "@/lib/shown-path";
import { failureOf, httpFiles } from "./files";
import type { TabView } from "./groups/views";
import type { MonacoBuffer } from "./monaco";
import type { FileContent, TextBuffer } from "./openFile";
import { AbsentView, BinaryView, FailedView } from "./other-views";
import type { EditorSession, TextPlace } from "./session";

const CodeView = lazy(async () => ({ default: (await import("./code-view")).CodeView }));
const DiffTab = lazy(async () => ({ default: (await import("./diff/diff-tab")).DiffTab }));
const HexView = lazy(async () => ({ default: (await import("./large/hex-view")).HexView }));
const ImageView = lazy(async () => ({ default: (await import("./preview/image-view")).ImageView }));
const LargeText = lazy(async () => ({ default: (await import("./large/large-text")).LargeText }));
const MarkdownView = lazy(async () => ({
  default: (await import("./preview/markdown-view")).MarkdownView,
}));
const MediaView = lazy(async () => ({ default: (await import("./preview/media-view")).MediaView }));
const PdfView = lazy(async () => ({ default: (await import("./preview/pdf-view")).PdfView }));

export interface TabContentProps {
  workspace: string;
  session: EditorSession;
  group: string;
  tabKey: string;
  view: TabView;
  contents: Readonly<Record<string, FileContent>>;
  /** Whether the group is the active one. */
  active: boolean;
  readOnly: boolean;
  reveal: TextPlace | undefined;
  onClose: () => void;
  onSave: () => void;
  editorRef: (editor: editor.ICodeEditor | undefined) => void;
}

export function TabContent(props: TabContentProps) {
  return <Suspense fallback={<LoadingLines />}>{contentOf(props)}</Suspense>;
}

function contentOf(props: TabContentProps): ReactNode {
  const { view, contents, workspace, session } = props;
  switch (view.kind) {
    case "file":
      return <FileTab {...props} path={view.path} />;
    case "hex":
      return <HexTab workspace={workspace} path={view.path} />;
    case "markdown": {
      const content = contents[view.path];
      if (content?.kind !== "text") return <FileTab {...props} path={view.path} />;
      return (
        <MarkdownView
          workspace={workspace}
          path={view.path}
          text={content.buffer.text()}
          onOpen={(path) => session.open(path)}
        />
      );
    }
    case "diff":
      return <DiffTab {...props} view={view} />;
  }
}

function FileTab(props: TabContentProps & { path: string }) {
  const { workspace, path, session, contents, onClose } = props;
  const files = useMemo(() => httpFiles(workspace), [workspace]);
  const content = contents[path];
  switch (content?.kind) {
    case "binary":
      return (
        <BinaryView reason={content.reason} onEncoding={() => session.pick("encodingReopen")}>
          <HexView
            workspace={workspace}
            path={path}
            content={{ size: content.size, etag: undefined }}
            files={files}
          />
        </BinaryView>
      );
    case "image":
      return (
        <ImageView
          workspace={workspace}
          path={path}
          {...content}
          onOpenAsText={() => session.openAsText(path)}
        />
      );
    case "pdf":
      return <PdfView workspace={workspace} path={path} etag={content.etag} />;
    case "audio":
    case "video":
      return <MediaView workspace={workspace} path={path} kind={content.kind} />;
    case "large":
      return (
        <LargeText
          workspace={workspace}
          path={path}
          content={content}
          files={files}
          onHex={() => session.openView({ kind: "hex", path })}
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
      return <TextTab {...props} buffer={content?.kind === "text" ? content.buffer : undefined} />;
  }
}

/** Whether a tab shows a text, or waits for what may be one: all of a group are shown by one editor. */
export function isTextual(view: TabView, content: FileContent | undefined): boolean {
  const kind = content?.kind ?? "loading";
  return view.kind === "file" && (kind === "text" || kind === "loading");
}

interface TextTabProps extends TabContentProps {
  path: string;
  buffer: TextBuffer | undefined;
}

function TextTab({ path, session, group, tabKey, buffer, ...props }: TextTabProps) {
  const [hasEditor, setHasEditor] = useState(false);
  if (buffer && !hasEditor) setHasEditor(true);
  return (
    <>
      {hasEditor ? (
        <CodeView
          // The session makes its buffers with Monaco (use-editor.ts).
          buffer={buffer as MonacoBuffer | undefined}
          label={shownPath(path)}
          readOnly={props.readOnly}
          active={props.active}
          place={{ states: session.viewStates, key: tabKey, group }}
          reveal={props.reveal}
          onRevealed={() => session.revealed()}
          onStatus={(status) => session.setStatus(status)}
          views={{ views: session.textViews, path }}
          onWrite={async () => (await session.file(path)?.save()) ?? false}
          onBlur={() => session.file(path)?.blurred()}
          onSave={props.onSave}
          onClose={props.onClose}
          editorRef={props.editorRef}
        />
      ) : null}
      {buffer ? null : <LoadingLines />}
    </>
  );
}

/** The bytes of a file of any kind; how many there are is asked first. */
function HexTab({ workspace, path }: { workspace: string; path: string }) {
  const files = useMemo(() => httpFiles(workspace), [workspace]);
  const start = useQuery({
    queryKey: ["editor", "size", workspace, path],
    queryFn: ({ signal }) => files.readRange(path, 0, 1, signal),
    staleTime: 0,
  });
  if (start.error) {
    return (
      <FailedView message={failureOf(start.error).message} onRetry={() => void start.refetch()} />
    );
  }
  if (!start.data) return <LoadingLines />;
  const { size, etag } = start.data;
  return <HexView workspace={workspace} path={path} content={{ size, etag }} files={files} />;
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

import { Code, FolderTree } from "lucide-react";
import { type CSSProperties, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { useStore } from "zustand";
import type { Node } from "@/api/types";
import { Splitter } from "@/components/splitter";
import { EditorPanel } from "@/features/editor/editor-panel";
import { EditorStatus } from "@/features/editor/editor-status";
import { UnsavedGuard } from "@/features/editor/unsaved-guard";
import { useEditor, useFilesOnDisk } from "@/features/editor/use-editor";
import { FilePanel } from "@/features/files/file-panel";
import { movedPath } from "@/features/files/paths";
import { rootsOf } from "@/features/files/roots";
import { useMachineFiles } from "@/features/files/use-files";
import { LayoutProvider, useLayout } from "@/features/workbench/layout";
import { SIDE_WIDTH } from "@/features/workbench/layout-store";
import { cn } from "@/lib/cn";

const SHEETS = [
  { sheet: "files", icon: FolderTree },
  { sheet: "editor", icon: Code },
] as const;

/** The files of a server's own machine beside the editor; on phones, one at a time. */
export function MachineFiles({ node }: { node: Node }) {
  return (
    <LayoutProvider host={node.id}>
      <MachinePanels node={node} />
    </LayoutProvider>
  );
}

function MachinePanels({ node }: { node: Node }) {
  const { t } = useTranslation("workbench");
  const policy = node.info?.policy?.files;
  const limits = useMemo(
    () => ({ roots: rootsOf(policy?.roots ?? []), readOnly: policy?.read_only ?? false }),
    [policy],
  );
  const files = useMachineFiles(node.id, limits);
  const editor = useEditor(node.id);
  useFilesOnDisk(editor, files.watch);
  const activePath = useStore(editor.state, (state) => state.activePath);
  const { sideWidth, set } = useLayout();
  const [shown, setShown] = useState<"files" | "editor">("files");
  return (
    <div className="flex h-full min-h-0 flex-col">
      <nav aria-label={t("layout.sheets")} className="flex shrink-0 border-b bg-canvas md:hidden">
        {SHEETS.map(({ sheet, icon: Icon }) => (
          <button
            key={sheet}
            type="button"
            aria-pressed={shown === sheet}
            onClick={() => setShown(sheet)}
            className={cn(
              "flex h-10 flex-1 items-center justify-center gap-1.5 text-ink-2 text-xs",
              shown === sheet && "bg-selected text-accent-text",
            )}
          >
            <Icon className="size-4" aria-hidden />
            {t(`layout.sheet.${sheet}`)}
          </button>
        ))}
      </nav>
      <div
        className="flex min-h-0 flex-1"
        style={{ "--side-width": `${sideWidth}px` } as CSSProperties}
      >
        <div
          className={cn(
            "min-w-0 shrink-0 max-md:w-full md:w-(--side-width)",
            shown !== "files" && "max-md:hidden",
          )}
        >
          <FilePanel
            files={files}
            activePath={activePath}
            onOpen={(path, preview) => {
              editor.open(path, { preview });
              setShown("editor");
            }}
            onMoved={(from, to) => editor.moved((path) => movedPath(path, from, to))}
            onDeleted={(path) => editor.deleted(path)}
            onReveal={() => setShown("files")}
          />
        </div>
        <Splitter
          label={t("layout.resizeTree")}
          axis="inline"
          of="before"
          size={sideWidth}
          {...SIDE_WIDTH}
          onSize={(width) => set({ sideWidth: width })}
        />
        <div className={cn("flex min-w-0 flex-1 flex-col", shown !== "editor" && "max-md:hidden")}>
          <div className="min-h-0 flex-1">
            <EditorPanel
              workspace={node.id}
              session={editor}
              readOnlyReason={limits.readOnly ? t("files.readOnly") : undefined}
              empty={
                <section
                  aria-label={t("editor.panel")}
                  className="flex h-full items-center justify-center bg-surface p-4 text-ink-2"
                >
                  <p>{t("editor.none")}</p>
                </section>
              }
            />
          </div>
          <div className="flex h-6 shrink-0 items-center justify-end border-t bg-canvas text-ink-2 text-xs empty:hidden">
            <EditorStatus session={editor} />
          </div>
        </div>
      </div>
      <UnsavedGuard session={editor} />
    </div>
  );
}

/** Two texts side by side; what is open as a file can be edited here, too. A lazy chunk. */
import { useQuery } from "@tanstack/react-query";
import { ChevronDown, ChevronUp } from "lucide-react";
import { useMemo, useRef } from "react";
import { useTranslation } from "react-i18next";
import { IconButton } from "@/components/ui/icon-button";
import { shownPath } from "@/lib/shown-path";
import { failureOf, httpFiles } from "../files";
import type { DiffSide, TabView } from "../groups/views";
import type { MonacoBuffer, monaco } from "../monaco";
import { FailedView } from "../other-views";
import type { TabContentProps } from "../tab-content";
import { readText } from "../text/read-text";
import { DiffView } from "./diff-view";

type DiffTabProps = TabContentProps & { view: Extract<TabView, { kind: "diff" }> };

/** What a side gives: a text, the buffer of an open file, why neither; or nothing yet. */
type Side =
  | { kind: "text"; text: string }
  | { kind: "buffer"; buffer: MonacoBuffer }
  | { kind: "failed"; message: string }
  | undefined;

export function DiffTab(props: DiffTabProps) {
  const { t } = useTranslation("editor");
  const { original, modified } = props.view;
  const left = useSide(original, props);
  const right = useSide(modified, props);
  const editor = useRef<monaco.editor.IStandaloneDiffEditor>(undefined);
  const name = (side: DiffSide) =>
    side.source === "clipboard"
      ? t("diff.clipboard")
      : t(`diff.${side.source}`, { name: shownPath(side.path) });
  const failed = [left, right].find((side) => side?.kind === "failed");
  if (failed?.kind === "failed") {
    return <FailedView message={failed.message} onRetry={props.onClose} />;
  }
  return (
    <div className="flex h-full min-h-0 flex-col">
      <div dir="ltr" className="flex shrink-0 items-center border-b text-ink-2 text-xs">
        <span className="min-w-0 flex-1 truncate px-4 py-1">{name(original)}</span>
        <span className="min-w-0 flex-1 truncate border-s px-4 py-1">{name(modified)}</span>
        <IconButton label={t("diff.previous")} onClick={() => editor.current?.goToDiff("previous")}>
          <ChevronUp />
        </IconButton>
        <IconButton label={t("diff.next")} onClick={() => editor.current?.goToDiff("next")}>
          <ChevronDown />
        </IconButton>
      </div>
      {left && right && left.kind !== "failed" && right.kind !== "failed" ? (
        <DiffView
          original={left.kind === "buffer" ? left.buffer.model : left.text}
          modified={right.kind === "buffer" ? right.buffer.model : right.text}
          path={pathOfSide(modified) ?? pathOfSide(original) ?? ""}
          labels={{ original: name(original), modified: name(modified) }}
          readOnly={props.readOnly || right.kind === "text"}
          editorRef={(made) => {
            editor.current = made;
            props.editorRef(made?.getModifiedEditor());
          }}
        />
      ) : (
        <div aria-hidden className="skeleton m-4 h-3 w-1/3" />
      )}
    </div>
  );
}

function pathOfSide(side: DiffSide): string | undefined {
  return side.source === "clipboard" ? undefined : side.path;
}

function useSide(side: DiffSide, props: DiffTabProps): Side {
  const { workspace, contents, session } = props;
  const { t } = useTranslation("editor");
  const files = useMemo(() => httpFiles(workspace), [workspace]);
  const path = pathOfSide(side) ?? "";
  const content = contents[path];
  // The disk's text is read again whenever the file's own view has seen another version.
  const version = content?.kind === "text" ? (content.document.etag ?? "") : "";
  const disk = content?.kind === "text" && content.document.disk;
  const saved = useQuery({
    queryKey: ["editor", "saved", workspace, path, version, disk],
    enabled: side.source === "saved",
    staleTime: 0,
    queryFn: () => files.read(path),
  });
  if (side.source === "clipboard") return { kind: "text", text: session.clipboard(side.id) };
  if (side.source === "file") {
    if (content?.kind === "text") {
      return { kind: "buffer", buffer: content.buffer as MonacoBuffer };
    }
    if (content === undefined || content.kind === "loading") return undefined;
    return { kind: "failed", message: t("diff.noText", { name: shownPath(path) }) };
  }
  if (saved.error) return { kind: "failed", message: failureOf(saved.error).message };
  if (!saved.data) return undefined;
  if (saved.data.kind === "absent") return { kind: "text", text: "" };
  const encoding = content?.kind === "text" ? content.format.encoding : undefined;
  const whole = saved.data.kind === "whole" ? saved.data.bytes : undefined;
  const read = whole ? readText(whole, encoding, undefined) : undefined;
  if (read?.kind !== "text") {
    return { kind: "failed", message: t("diff.noText", { name: shownPath(path) }) };
  }
  return { kind: "text", text: read.text };
}

/** Git in the texts that the editor shows: marks, changes looked into, who wrote a line. */
import { useCallback, useState } from "react";
import { useTranslation } from "react-i18next";
import { toast } from "sonner";
import { useStore } from "zustand";
import { api } from "@/api/client";
import type { TextView, TextViews } from "@/lib/text-views";
import { rangesOf } from "../line-ranges";
import type { GitSession, GitView } from "../session";
import type { GitStatus } from "../types";
import { useGitActions } from "../use-git";
import { useTextCommands } from "./commands";
import type { LineChange } from "./line-changes";
import { placeOf } from "./repository";
import { revertEdit } from "./revert";
import { linesOfChange } from "./staged-lines";
import { createTextStore, type TextStore } from "./store";
import { TextMarks } from "./text-marks";

interface GitTextsProps {
  workspace: string;
  session: GitSession;
  statuses: readonly GitStatus[];
  views: TextViews;
  /** The file that the active tab is about, shown as a text or not. */
  activePath: string | undefined;
}

export function GitTexts({ workspace, session, statuses, views, activePath }: GitTextsProps) {
  const [store] = useState(createTextStore);
  const shown = useStore(views);
  const active = shown.find((view) => view.active && view.path === activePath);
  const place = activePath === undefined ? undefined : placeOf(statuses, activePath);
  const open = (view: GitView) =>
    session.setState({ view, ...(place ? { repository: place.status.root } : {}) });
  const actions = useTextActions(workspace, place?.status.root ?? "", session);
  useTextCommands({ store, active, place, open, ...actions });
  return shown.map((view) => (
    <GitText
      key={view.id}
      workspace={workspace}
      session={session}
      statuses={statuses}
      view={view}
      store={store}
    />
  ));
}

interface GitTextProps extends Omit<GitTextsProps, "views" | "activePath"> {
  view: TextView;
  store: TextStore;
}

function GitText({ workspace, session, statuses, view, store }: GitTextProps) {
  const place = placeOf(statuses, view.path);
  const root = place?.status.root ?? "";
  const actions = useTextActions(workspace, root, session);
  const onCommit = useCallback(
    (commit: string) => session.setState({ repository: root, view: { kind: "commit", commit } }),
    [session, root],
  );
  if (!place) return null;
  return (
    <TextMarks
      workspace={workspace}
      view={view}
      store={store}
      place={place}
      onCommit={onCommit}
      onStage={(_, change) => actions.stage(view, change, place.file)}
      onRevert={actions.revert}
    />
  );
}

export type TextActions = ReturnType<typeof useTextActions>;

/** What can be done with a change of a text. */
function useTextActions(workspace: string, path: string, session: GitSession) {
  const { t } = useTranslation("git");
  const { stage: stageLines } = useGitActions(workspace, path, session);
  const stage = async (view: TextView, change: LineChange, file: string) => {
    // Git stages what is on the disk.
    if (!(await view.save())) {
      toast.error(t("peek.unsaved"));
      return;
    }
    const query = { path, file, scope: "unstaged" as const };
    const { data } = await api
      .GET("/api/v1/workspaces/{workspace}/git/diff", { params: { path: { workspace }, query } })
      .catch(() => ({ data: undefined }));
    const lines = data ? linesOfChange(data, change) : [];
    if (!data || lines.length === 0) toast.error(t("peek.gone"));
    else await stageLines([file], { version: data.version, lines: rangesOf(lines) });
  };
  const revert = ({ editor, model }: TextView, change: LineChange) => {
    editor.pushUndoStop();
    editor.executeEdits("git.revert", [revertEdit(change, model)]);
    editor.pushUndoStop();
  };
  return { stage, revert };
}

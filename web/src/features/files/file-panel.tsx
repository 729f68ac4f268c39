/** The files of a host: a bar of actions, the tree, and what is under way below it. */
import { TriangleAlert } from "lucide-react";
import { type RefObject, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { toast } from "sonner";
import { useStore } from "zustand";
import { pathForPeople } from "@/api/agent";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import { hasTrash, useFileActions } from "./actions";
import { hold, useClipboard } from "./clipboard";
import { useFileCommands } from "./commands";
import { ConflictDialog } from "./conflict-dialog";
import type { PanelActions } from "./entry-commands";
import { FileTree } from "./file-tree";
import { ModeDialog } from "./mode-dialog";
import { visibleName } from "./names";
import { PanelBar } from "./panel-bar";
import { ancestorsOf, parentOf } from "./paths";
import { folderWithin } from "./roots";
import { targetsOf } from "./selection";
import { TransferStrip } from "./transfer-strip";
import { TrashDialog } from "./trash-dialog";
import { folderOf } from "./tree";
import { TreeMenu } from "./tree-menu";
import { chosenItems, droppedItems, type UploadItems } from "./uploads/items";
import { upload } from "./uploads/store";
import { UploadStrip } from "./uploads/upload-strip";
import type { HostFiles } from "./use-files";
import { useGitMarks, useTreeRows } from "./use-tree";
import { useWatchLimits } from "./workspace-watch";

export interface FilePanelProps {
  files: HostFiles;
  /** The file that the editor shows. */
  activePath: string | undefined;
  /** `preview`: only to look into it. */
  onOpen: (path: string, preview: boolean) => void;
  onMoved: (from: string, to: string) => void;
  onDeleted: (path: string) => void;
  /** Brings the panel to sight, for commands that need it. */
  onReveal: () => void;
  /** Shows what became of a file over time, where there is a repository. */
  onHistory?: (path: string) => void;
  /** Opens a terminal in a folder, where there are terminals. */
  onTerminal?: (folder: string) => void;
}

/** What a dialog asks about. */
type Asking =
  | { kind: "delete"; paths: string[] }
  | { kind: "mode"; paths: string[] }
  | { kind: "trash" };

export function FilePanel(props: FilePanelProps) {
  const { files, activePath, onOpen, onReveal } = props;
  const { workspace: host, store, watch } = files;
  const { roots, readOnly } = files.limits;
  const { t } = useTranslation(["workbench", "files"]);
  const rows = useTreeRows(host, store, roots);
  const statuses = useStore(files.repositories);
  const marks = useGitMarks(statuses);
  const { focused, selection } = useStore(store);
  const held = useClipboard((state) => (state.held?.host === host ? state.held : undefined));
  const actions = useFileActions(host, store, {
    opened: (path) => onOpen(path, false),
    moved: props.onMoved,
    deleted: props.onDeleted,
  });
  const [asking, setAsking] = useState<Asking>();
  const panel = useRef<HTMLElement>(null);
  const chooser = useRef<HTMLInputElement>(null);
  const folderChooser = useRef<HTMLInputElement>(null);
  const uploadTo = useRef("");

  // The tree follows the editor: the way to the shown file is opened.
  useEffect(() => {
    if (activePath === undefined) return;
    store.expand(ancestorsOf(activePath));
    store.focus(activePath);
  }, [store, activePath]);

  const focusedRow = rows.find(focused);
  const here = folderWithin(folderOf(focusedRow), roots);
  /** Why nothing, or not these, may be changed. */
  const refusal = (paths: readonly string[] = []) => {
    if (readOnly) return t("files.readOnly");
    return paths.some((path) => roots.includes(path)) ? t("files.isRoot") : undefined;
  };
  const send = (items: UploadItems) =>
    upload(host, items, (folder) => void actions.refresh(folder));
  const focusTree = () => panel.current?.querySelector<HTMLElement>('[role="tree"]')?.focus();

  const menu: PanelActions = {
    create: (folder, entry) => {
      const parent = folderWithin(folder, roots);
      onReveal();
      if (parent !== "") store.expand([parent]);
      store.setEdit({ kind: "create", parent, entry });
    },
    upload: (directory, what) => {
      uploadTo.current = folderWithin(directory, roots);
      (what === "files" ? chooser : folderChooser).current?.click();
    },
    rename: (row) => {
      onReveal();
      store.setEdit({ kind: "rename", path: row.path });
    },
    cut: (paths) => hold(host, "move", paths),
    copy: (paths) => hold(host, "copy", paths),
    paste: held
      ? (folder) => {
          const to = folderWithin(folder, roots);
          void actions.transfer({ kind: held.kind, paths: held.paths, to });
        }
      : undefined,
    duplicate: (paths) => {
      // Each beside itself.
      const folders = new Set(paths.map(parentOf));
      void (async () => {
        for (const to of folders) {
          const own = paths.filter((path) => parentOf(path) === to);
          await actions.transfer({ kind: "copy", paths: own, to });
        }
      })();
    },
    download: actions.download,
    copyPath: (paths) => {
      const text = paths.map((path) => pathForPeople(host, path)).join("\n");
      // Without TLS the browser has no clipboard for pages.
      if (navigator.clipboard) void navigator.clipboard.writeText(text);
      else toast.error(t("files.noClipboard"));
    },
    openTerminal: props.onTerminal,
    history: statuses.length > 0 ? props.onHistory : undefined,
    setMode: (paths) => setAsking({ kind: "mode", paths }),
    remove: (paths, forGood) => {
      if (forGood || !hasTrash(host)) setAsking({ kind: "delete", paths });
      else void actions.remove(paths);
    },
    refresh: () => watch.refresh(),
    refusal,
    hasTrash: hasTrash(host),
  };
  useFileCommands({
    store,
    targets: { row: focusedRow, folder: here, targets: targetsOf(selection, focused) },
    actions: menu,
    reveal: onReveal,
    onTrash: () => setAsking({ kind: "trash" }),
  });

  return (
    <section
      ref={panel}
      aria-label={t("files.panel")}
      className="flex h-full min-h-0 flex-col bg-canvas"
    >
      <PanelBar
        store={store}
        here={here}
        actions={menu}
        onTrash={() => setAsking({ kind: "trash" })}
        onLeaveFilter={focusTree}
      />
      <WatchNotice host={host} />
      <TreeMenu
        rows={rows}
        focused={focused}
        selection={selection}
        actions={menu}
        onChoose={(row) => store.focus(row?.path)}
      >
        <FileTree
          host={host}
          store={store}
          rows={rows}
          marks={marks}
          activePath={activePath}
          actions={actions}
          refusal={refusal}
          onOpen={onOpen}
          keys={{
            remove: menu.remove,
            copy: menu.copy,
            cut: menu.cut,
            paste: () => menu.paste?.(here),
            duplicate: menu.duplicate,
            filter: () => store.setFilter(store.getState().filter ?? ""),
          }}
          onUpload={(directory, data) => send(droppedItems(folderWithin(directory, roots), data))}
        />
      </TreeMenu>
      <TransferStrip host={host} />
      <UploadStrip host={host} onChoose={(what) => menu.upload(here, what)} />
      <Chooser field={chooser} label={t("files.upload")} to={uploadTo} onChosen={send} />
      <Chooser
        field={folderChooser}
        label={t("files:menu.uploadFolder")}
        folder
        to={uploadTo}
        onChosen={send}
      />
      <ConflictDialog />
      {asking?.kind === "delete" ? (
        <DeleteDialog
          paths={asking.paths}
          nameOf={(path) => rows.find(path)?.entry.name ?? path}
          onClose={() => setAsking(undefined)}
          onConfirm={() => void actions.removeForGood(asking.paths)}
        />
      ) : null}
      {asking?.kind === "mode" ? (
        <ModeDialog
          name={visibleName(rows.find(asking.paths[0])?.entry.name ?? "")}
          count={asking.paths.length}
          mode={rows.find(asking.paths[0])?.entry.mode ?? 0o644}
          onClose={() => setAsking(undefined)}
          onSave={(mode) => actions.setMode(asking.paths, mode)}
        />
      ) : null}
      {asking?.kind === "trash" ? (
        <TrashDialog
          workspace={host}
          onClose={() => setAsking(undefined)}
          onRestored={(paths) => {
            for (const path of paths) {
              store.expand(ancestorsOf(path));
              void actions.refresh(parentOf(path));
            }
          }}
        />
      ) : null}
    </section>
  );
}

/** Says that not all changes on disk are seen at once, and why. */
function WatchNotice({ host }: { host: string }) {
  const { t } = useTranslation("files");
  const reason = useWatchLimits(({ reasons }) => reasons.get(host));
  if (reason === undefined) return null;
  return (
    <p
      role="status"
      title={reason}
      className="flex items-start gap-2 border-b p-2 text-warn text-xs"
    >
      <TriangleAlert className="mt-0.5 size-4 shrink-0" aria-hidden />
      {t("watch.limited")}
    </p>
  );
}

interface ChooserProps {
  field: RefObject<HTMLInputElement | null>;
  label: string;
  folder?: boolean;
  to: RefObject<string>;
  onChosen: (items: UploadItems) => void;
}

/** A hidden file field: only it can open the browser's own dialog. */
function Chooser({ field, label, folder = false, to, onChosen }: ChooserProps) {
  return (
    <input
      ref={field}
      type="file"
      multiple
      // Every browser knows it, and React's types do not.
      {...(folder ? { webkitdirectory: "" } : {})}
      className="hidden"
      aria-label={label}
      onChange={(event) => {
        const chosen = [...(event.target.files ?? [])];
        // The same files can be chosen again.
        event.target.value = "";
        onChosen(chosenItems(to.current, chosen));
      }}
    />
  );
}

interface DeleteDialogProps {
  paths: string[];
  nameOf: (path: string) => string;
  onClose: () => void;
  onConfirm: () => void;
}

function DeleteDialog({ paths, nameOf, onClose, onConfirm }: DeleteDialogProps) {
  const { t } = useTranslation(["workbench", "files"]);
  const [first = ""] = paths;
  return (
    <ConfirmDialog
      open
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
      title={
        paths.length > 1
          ? t("files:delete.titleMany", { count: paths.length })
          : t("files.deleteTitle", { name: visibleName(nameOf(first)) })
      }
      description={t("files:delete.description")}
      action={t("files.delete")}
      pending={false}
      onConfirm={() => {
        onConfirm();
        onClose();
      }}
    />
  );
}

/** The files of a host: a bar of actions, the tree, and the upload under way. */
import { ChevronsDownUp, Eye, EyeOff, FilePlus, FolderPlus, RefreshCw, Upload } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { toast } from "sonner";
import { useStore } from "zustand";
import { pathForPeople } from "@/api/agent";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import { IconButton } from "@/components/ui/icon-button";
import { useFileActions } from "./actions";
import { useFileCommands } from "./commands";
import { FileTree } from "./file-tree";
import { ancestorsOf, parentOf } from "./paths";
import { folderWithin } from "./roots";
import { type EntryRow, isDirectory } from "./tree";
import { TreeMenu, type TreeMenuActions } from "./tree-menu";
import { chosenItems, droppedItems, upload } from "./upload";
import { UploadStrip } from "./upload-strip";
import type { HostFiles } from "./use-files";
import { useGitMarks, useTreeRows } from "./use-tree";

interface FilePanelProps {
  files: HostFiles;
  /** The file that the editor shows. */
  activePath: string | undefined;
  /** `preview`: only to look into it. */
  onOpen: (path: string, preview: boolean) => void;
  onMoved: (from: string, to: string) => void;
  onDeleted: (path: string) => void;
  /** Brings the panel to sight, for commands that need it. */
  onReveal: () => void;
}

export function FilePanel(props: FilePanelProps) {
  const { files, activePath, onOpen, onReveal } = props;
  const { workspace, store, watch } = files;
  const { roots, readOnly } = files.limits;
  const { t } = useTranslation("workbench");
  const rows = useTreeRows(workspace, store, roots);
  const marks = useGitMarks(files.statuses);
  const { focused, showHidden } = useStore(store);
  const actions = useFileActions(workspace, store, {
    opened: (path) => onOpen(path, false),
    moved: props.onMoved,
    deleted: props.onDeleted,
  });
  const [deleting, setDeleting] = useState<EntryRow>();
  const chooser = useRef<HTMLInputElement>(null);
  const uploadTo = useRef("");

  // The tree follows the editor: the way to the shown file is opened.
  useEffect(() => {
    if (activePath === undefined) return;
    store.expand(ancestorsOf(activePath));
    store.focus(activePath);
  }, [store, activePath]);

  const focusedRow = rows.find(
    (row): row is EntryRow => row.kind === "entry" && row.path === focused,
  );
  const here = folderWithin(folderOf(focusedRow), roots);
  /** Why nothing, or not this one, may be changed. */
  const refusal = (row?: EntryRow) => {
    if (readOnly) return t("files.readOnly");
    return row && roots.includes(row.path) ? t("files.isRoot") : undefined;
  };

  const menu: TreeMenuActions = {
    open: (row) => onOpen(row.path, false),
    create: (folder, entry) => {
      const parent = folderWithin(folder, roots);
      onReveal();
      if (parent !== "") store.expand([parent]);
      store.setEdit({ kind: "create", parent, entry });
    },
    upload: (directory) => {
      uploadTo.current = folderWithin(directory, roots);
      chooser.current?.click();
    },
    download: (row) => actions.download(row.path),
    rename: (row) => {
      onReveal();
      store.setEdit({ kind: "rename", path: row.path });
    },
    remove: setDeleting,
    copyPath: (path) => {
      // Without TLS the browser has no clipboard for pages.
      if (navigator.clipboard) void navigator.clipboard.writeText(pathForPeople(workspace, path));
      else toast.error(t("files.noClipboard"));
    },
    refresh: () => watch.refresh(),
    toggleHidden: () => store.setShowHidden(!showHidden),
  };
  useFileCommands({ store, focusedRow, here, menu, refusal, reveal: onReveal });

  return (
    <section aria-label={t("files.panel")} className="flex h-full min-h-0 flex-col bg-canvas">
      <div className="flex h-9 shrink-0 items-center border-b ps-3 pe-1">
        <h2 className="min-w-0 flex-1 truncate font-medium text-ink-2">{t("files.panel")}</h2>
        <IconButton
          label={t("files.newFile")}
          disabledReason={refusal()}
          onClick={() => menu.create(here, "file")}
        >
          <FilePlus />
        </IconButton>
        <IconButton
          label={t("files.newFolder")}
          disabledReason={refusal()}
          onClick={() => menu.create(here, "directory")}
        >
          <FolderPlus />
        </IconButton>
        <IconButton
          label={t("files.upload")}
          disabledReason={refusal()}
          onClick={() => menu.upload(here)}
        >
          <Upload />
        </IconButton>
        <IconButton
          label={t(showHidden ? "files.hideHidden" : "files.showHidden")}
          aria-pressed={showHidden}
          onClick={menu.toggleHidden}
        >
          {showHidden ? <Eye /> : <EyeOff />}
        </IconButton>
        <IconButton label={t("files.collapseAll")} onClick={() => store.collapseAll()}>
          <ChevronsDownUp />
        </IconButton>
        <IconButton label={t("files.refresh")} onClick={() => menu.refresh("")}>
          <RefreshCw />
        </IconButton>
      </div>
      <TreeMenu
        rows={rows}
        focused={focused}
        showHidden={showHidden}
        refusal={refusal}
        actions={menu}
      >
        <FileTree
          store={store}
          rows={rows}
          marks={marks}
          activePath={activePath}
          actions={actions}
          refusal={refusal}
          onOpen={onOpen}
          onDelete={setDeleting}
          onUpload={(directory, data) => {
            const folder = folderWithin(directory, roots);
            void droppedItems(workspace, folder, data).then((items) =>
              upload(workspace, items, false),
            );
          }}
        />
      </TreeMenu>
      <UploadStrip workspace={workspace} />
      <input
        ref={chooser}
        type="file"
        multiple
        hidden
        aria-label={t("files.upload")}
        onChange={(event) => {
          const { files: chosen } = event.target;
          if (chosen) void upload(workspace, chosenItems(uploadTo.current, chosen), false);
          event.target.value = "";
        }}
      />
      <ConfirmDialog
        open={deleting !== undefined}
        onOpenChange={(open) => !open && setDeleting(undefined)}
        title={t("files.deleteTitle", { name: deleting?.entry.name })}
        description={t(
          deleting && isDirectory(deleting.entry) ? "files.deleteFolder" : "files.deleteFile",
        )}
        action={t("files.delete")}
        pending={false}
        onConfirm={() => {
          if (deleting) void actions.remove(deleting.path);
          setDeleting(undefined);
        }}
      />
    </section>
  );
}

/** The folder that "new" means: the focused one, or the one of the focused file. */
function folderOf(row: EntryRow | undefined): string {
  if (!row) return "";
  return isDirectory(row.entry) ? row.path : parentOf(row.path);
}

/** What can be done with entries: the same in the menu of a row and in the command palette. */
import type { TFunction } from "i18next";
import type { ArchiveFormat } from "./download";
import { isDirectory } from "./order";
import type { EntryRow } from "./rows";

/** What the panel does when it is asked to. */
export interface PanelActions {
  create: (parent: string, entry: "file" | "directory") => void;
  upload: (directory: string, what: "files" | "folder") => void;
  rename: (row: EntryRow) => void;
  cut: (paths: string[]) => void;
  copy: (paths: string[]) => void;
  /** Absent while there is nothing to paste. */
  paste: ((folder: string) => void) | undefined;
  duplicate: (paths: string[]) => void;
  download: (paths: string[], format?: ArchiveFormat) => void;
  copyPath: (paths: string[]) => void;
  /** Absent where there are no terminals beside the files. */
  openTerminal: ((folder: string) => void) | undefined;
  /** Absent where nothing tells of a file's past. */
  history: ((path: string) => void) | undefined;
  setMode: (paths: string[]) => void;
  remove: (paths: string[], forGood: boolean) => void;
  refresh: (directory: string) => void;
  /** Why nothing, or not these, may be changed. */
  refusal: (paths?: readonly string[]) => string | undefined;
  /** What is deleted can be brought back. */
  hasTrash: boolean;
}

/** What they are done with. */
export interface EntryTargets {
  /** The row that is meant; the space below the rows has none. */
  row: EntryRow | undefined;
  /** The folder that is meant. */
  folder: string;
  /** All that is chosen. */
  targets: string[];
}

export interface EntryCommand {
  id: string;
  title: string;
  hint?: string | undefined;
  danger?: boolean;
  /** Why it means nothing here; a menu leaves it out. */
  meaningless?: string | undefined;
  /** Why it may not be done. */
  refused?: string | undefined;
  run: () => void;
}

/** On Apple's keyboards Command, elsewhere Control. */
function mod(key: string): string {
  return /Mac|iP(hone|ad)/.test(navigator.platform) ? `⌘${key}` : `Ctrl+${key}`;
}

/** In groups, as a menu shows them. */
export function entryCommands(
  t: TFunction<["workbench", "files"]>,
  actions: PanelActions,
  { row, folder, targets }: EntryTargets,
): EntryCommand[][] {
  const { refusal, paste, openTerminal } = actions;
  const refused = refusal(targets);
  const unchosen = row ? undefined : t("files:menu.noneChosen");
  const single = targets.length === 1 ? row : undefined;
  const notOne = single ? undefined : (unchosen ?? t("files:menu.severalChosen"));
  const file = single && !isDirectory(single.entry) ? single : undefined;
  const notOneFile = file ? undefined : (notOne ?? t("files:menu.noFile"));
  // The space below the rows means the folder that they all lie in.
  const packed = row ? targets : [folder];
  return [
    [
      {
        id: "file.create",
        title: t("files.newFile"),
        refused: refusal(),
        run: () => actions.create(folder, "file"),
      },
      {
        id: "directory.create",
        title: t("files.newFolder"),
        refused: refusal(),
        run: () => actions.create(folder, "directory"),
      },
      {
        id: "file.upload",
        title: t("files.upload"),
        refused: refusal(),
        run: () => actions.upload(folder, "files"),
      },
      {
        id: "file.uploadFolder",
        title: t("files:menu.uploadFolder"),
        refused: refusal(),
        run: () => actions.upload(folder, "folder"),
      },
    ],
    [
      {
        id: "file.cut",
        title: t("files:menu.cut"),
        hint: mod("X"),
        meaningless: unchosen,
        refused,
        run: () => actions.cut(targets),
      },
      {
        id: "file.copy",
        title: t("files:menu.copy"),
        hint: mod("C"),
        meaningless: unchosen,
        run: () => actions.copy(targets),
      },
      {
        id: "file.paste",
        title: t("files:menu.paste"),
        hint: mod("V"),
        meaningless: paste ? undefined : t("files:menu.nothingHeld"),
        refused: refusal(),
        run: () => paste?.(folder),
      },
      {
        id: "file.duplicate",
        title: t("files:menu.duplicate"),
        hint: mod("D"),
        meaningless: unchosen,
        refused: refusal(),
        run: () => actions.duplicate(targets),
      },
    ],
    [
      {
        id: "file.download",
        title: t("files.download"),
        meaningless: file ? undefined : (notOne ?? t("files:menu.isFolder")),
        run: () => actions.download(targets),
      },
      {
        id: "file.downloadZip",
        title: t("files:menu.downloadZip"),
        run: () => actions.download(packed, "zip"),
      },
      {
        id: "file.downloadTar",
        title: t("files:menu.downloadTar"),
        run: () => actions.download(packed, "tar.gz"),
      },
    ],
    [
      {
        id: "file.copyPath",
        title: t("files.copyPath"),
        meaningless: unchosen,
        run: () => actions.copyPath(targets),
      },
      {
        id: "file.terminal",
        title: t("files:menu.terminal"),
        meaningless: openTerminal ? undefined : t("files:menu.noTerminals"),
        run: () => openTerminal?.(folder),
      },
      {
        id: "file.history",
        title: t("files:menu.history"),
        meaningless: actions.history ? notOneFile : t("files:menu.noHistory"),
        run: () => file && actions.history?.(file.path),
      },
      {
        id: "file.refresh",
        title: t("files.refresh"),
        run: () => actions.refresh(folder),
      },
    ],
    [
      {
        id: "file.rename",
        title: t("files.rename"),
        hint: "F2",
        meaningless: notOne,
        refused,
        run: () => single && actions.rename(single),
      },
      {
        id: "file.mode",
        title: t("files:menu.mode"),
        meaningless: unchosen,
        refused,
        run: () => actions.setMode(targets),
      },
      {
        id: "file.delete",
        title: t(actions.hasTrash ? "files:menu.trash" : "files.delete"),
        hint: "Del",
        danger: true,
        meaningless: unchosen,
        refused,
        run: () => actions.remove(targets, false),
      },
      {
        id: "file.deleteForGood",
        title: t("files:menu.deleteForGood"),
        hint: "Shift+Del",
        danger: true,
        meaningless: actions.hasTrash ? unchosen : t("files:menu.noTrash"),
        refused,
        run: () => actions.remove(targets, true),
      },
    ],
  ];
}

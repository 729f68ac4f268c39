/** A row that is no entry: a name being typed, or what is to be said of a folder. */
import { useTranslation } from "react-i18next";
import { Button } from "@/components/ui/button";
import type { FileActions } from "./actions";
import { NameField } from "./name-field";
import type { NoteRow as Note } from "./rows";
import { rowStyle } from "./tree-row";

interface NoteRowProps {
  row: Note;
  start: number;
  /** Whether a name is taken in its folder. */
  taken: (name: string) => boolean;
  actions: FileActions;
  onEnd: () => void;
}

export function NoteRow(props: NoteRowProps) {
  const { row } = props;
  return (
    <div
      role="none"
      className="absolute inset-x-0 top-0 flex h-6 items-center gap-2 pe-2 pointer-coarse:h-9"
      style={{
        ...rowStyle(props.start, row.depth + 1),
        zIndex: row.kind === "input" ? 10 : undefined,
      }}
    >
      <Content {...props} />
    </div>
  );
}

function Content({ row, taken, actions, onEnd }: NoteRowProps) {
  const { t } = useTranslation(["workbench", "files"]);
  switch (row.kind) {
    case "input":
      return (
        <NameField
          label={t(row.entry === "file" ? "files.newFileName" : "files.newFolderName")}
          initial=""
          taken={taken}
          onSubmit={(name) => actions.create(row.path, name, row.entry)}
          onCancel={onEnd}
        />
      );
    case "loading":
      return <span className="skeleton h-3 w-24" />;
    case "empty":
      return (
        <span className="text-ink-3">
          {t(row.path === "" ? "files.emptyRoot" : "files.emptyFolder")}
        </span>
      );
    case "unmatched":
      return <span className="text-ink-3">{t("files:filter.nothing")}</span>;
    case "error":
      return (
        <>
          <span className="truncate text-bad" title={row.message}>
            {row.message}
          </span>
          <Button size="sm" variant="link" onClick={() => void actions.refresh(row.path)}>
            {t("files.readAgain")}
          </Button>
        </>
      );
    case "more":
      return <span className="text-ink-3">{t("files.more", { count: row.count })}</span>;
  }
}

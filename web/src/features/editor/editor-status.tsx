/** The editor's part of the status bar. */
import { useTranslation } from "react-i18next";
import { useStore } from "zustand";
import { isDirty } from "./document";
import type { EditorSession } from "./session";

export function EditorStatus({ session }: { session: EditorSession }) {
  const { t } = useTranslation("workbench");
  const { tabs, contents, cursor, language, autosave } = useStore(session.state);
  const content = tabs.active === undefined ? undefined : contents[tabs.active];
  if (content?.kind !== "text") return null;
  const { document } = content;
  const state =
    document.savingVersion !== undefined ? "saving" : isDirty(document) ? "unsaved" : "saved";
  return (
    <>
      <output className="px-1.5">{t(`editor.state.${state}`)}</output>
      {autosave ? null : <span className="px-1.5 max-md:hidden">{t("editor.autosaveIsOff")}</span>}
      {cursor ? (
        <span className="px-1.5 max-md:hidden">
          {t("editor.cursor", { line: cursor.line, column: cursor.column })}
          {cursor.selected > 0 ? ` (${t("editor.selected", { count: cursor.selected })})` : ""}
        </span>
      ) : null}
      {language ? (
        <bdi className="px-1.5 max-md:hidden" title={t("editor.language")}>
          {language}
        </bdi>
      ) : null}
    </>
  );
}

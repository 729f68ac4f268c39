/** The editor's part of the status bar: each item says something of the text, and changes it. */
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useStore } from "zustand";
import { listCommands, useCommandStore } from "@/lib/commands";
import { isDirty } from "./document";
import type { EditorSession } from "./session";
import { autosaveOn, useEditorSettings } from "./settings/settings";
import { encodingName } from "./text/encodings";

export function EditorStatus({ session }: { session: EditorSession }) {
  const { t } = useTranslation(["editor", "workbench"]);
  const { activePath, contents, status } = useStore(session.state);
  const [settings] = useEditorSettings();
  const content = activePath === undefined ? undefined : contents[activePath];
  if (content?.kind !== "text") return null;
  const { document, format, buffer } = content;
  const state =
    document.savingVersion !== undefined ? "saving" : isDirty(document) ? "unsaved" : "saved";
  const off = autosaveOn(session.host, settings) === "off";
  const { cursor, cursors = 1, indentation, language } = status ?? {};
  return (
    <>
      <output className="px-1.5">{t(`editor.state.${state}`, { ns: "workbench" })}</output>
      {off ? (
        <span className="px-1.5 max-lg:hidden">
          {t("editor.autosaveIsOff", { ns: "workbench" })}
        </span>
      ) : null}
      {cursor ? (
        <Item title={t("status.goToLine")} onClick={() => runCommand("editor.goToLine")}>
          {t("editor.cursor", { ns: "workbench", line: cursor.line, column: cursor.column })}
          {cursors > 1 ? ` (${t("status.cursors", { count: cursors })})` : ""}
          {cursor.selected > 0
            ? ` (${t("editor.selected", { ns: "workbench", count: cursor.selected })})`
            : ""}
        </Item>
      ) : null}
      {indentation ? (
        <Item title={t("picker.indentation")} onClick={() => session.pick("indentation")}>
          {t(indentation.spaces ? "indentation.spaces" : "indentation.tabs", {
            size: indentation.size,
          })}
        </Item>
      ) : null}
      <Item title={t("status.encoding")} onClick={() => session.pick("encodingSave")}>
        {format.bom
          ? t("encoding.withBom", { encoding: encodingName(format.encoding) })
          : encodingName(format.encoding)}
      </Item>
      <Item title={t("picker.lineEnding")} onClick={() => session.pick("lineEnding")}>
        {document.notice === "mixedEndings"
          ? t("lineEnding.mixed")
          : buffer.lineEnding().toUpperCase()}
      </Item>
      {language ? (
        <Item title={t("picker.language")} onClick={() => session.pick("language")}>
          {language}
        </Item>
      ) : null}
    </>
  );
}

interface ItemProps {
  title: string;
  onClick: () => void;
  children: ReactNode;
}

/** What a phone has no room for is in the palette. */
function Item({ title, onClick, children }: ItemProps) {
  return (
    <button
      type="button"
      title={title}
      onClick={onClick}
      className="h-full px-1.5 hover:bg-hover hover:text-ink max-md:hidden"
    >
      <bdi>{children}</bdi>
    </button>
  );
}

/** Does what the palette's command of that id does. */
function runCommand(id: string): void {
  const command = listCommands(useCommandStore.getState().groups).find((one) => one.id === id);
  if (command && !command.disabledReason) command.run();
}

/** What the lists over the editor offer, and what a choice does. */
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { useStore } from "zustand";
import type { MonacoBuffer } from "./monaco";
import type { EditorSession, PickerKind } from "./session";
import { ENCODINGS, encodingName } from "./text/encodings";

export interface PickerItem {
  id: string;
  title: string;
  keywords?: string[];
  current: boolean;
  run: () => void;
}

const INDENT_SIZES = [2, 4, 8] as const;

export function usePickerItems(
  session: EditorSession,
  picker: PickerKind | undefined,
  buffer: MonacoBuffer | undefined,
): PickerItem[] {
  const { t } = useTranslation("editor");
  const status = useStore(session.state, (state) => state.status);
  const languages = useLanguages(picker === "language");
  const file = session.active;
  const content = file?.content;
  const format = content?.kind === "text" ? content.format : undefined;
  switch (picker) {
    case "language":
      return languages.map(({ id, name, keywords }) => ({
        id,
        title: name,
        keywords,
        current: id === status?.language,
        run: () => buffer?.setLanguage(id),
      }));
    case "encodingReopen":
      return ENCODINGS.map((encoding) => ({
        id: encoding,
        title: encodingName(encoding),
        current: format?.encoding === encoding,
        run: () => void file?.reopenAs(encoding),
      }));
    case "encodingSave":
      return ENCODINGS.flatMap((encoding) =>
        (encoding.startsWith("utf") ? [false, true] : [false]).map((bom) => ({
          id: bom ? `${encoding}-bom` : encoding,
          title: bom
            ? t("encoding.withBom", { encoding: encodingName(encoding) })
            : encodingName(encoding),
          current: format?.encoding === encoding && format.bom === bom,
          run: () => void file?.saveAs({ encoding, bom }),
        })),
      );
    case "lineEnding":
      return (["lf", "crlf"] as const).map((ending) => ({
        id: ending,
        title: t(`lineEnding.${ending}`),
        current: buffer?.lineEnding() === ending,
        run: () => buffer?.setLineEnding(ending),
      }));
    case "indentation":
      return [true, false].flatMap((spaces) =>
        INDENT_SIZES.map((size) => ({
          id: `${spaces ? "spaces" : "tabs"}-${size}`,
          title: t(spaces ? "indentation.spaces" : "indentation.tabs", { size }),
          current: status?.indentation.spaces === spaces && status.indentation.size === size,
          run: () => buffer?.setIndentation(spaces, size),
        })),
      );
    default:
      return [];
  }
}

interface LanguageName {
  id: string;
  name: string;
  keywords: string[];
}

/** Every language by its name, once the list is asked for. */
function useLanguages(wanted: boolean): LanguageName[] {
  const [languages, setLanguages] = useState<LanguageName[]>([]);
  useEffect(() => {
    if (!wanted) return;
    void import("./monaco").then(({ monaco }) => {
      const byId = new Map<string, LanguageName>();
      for (const { id, aliases = [], extensions = [] } of monaco.languages.getLanguages()) {
        const known = byId.get(id) ?? { id, name: aliases[0] ?? id, keywords: [] };
        known.keywords.push(...aliases, ...extensions);
        byId.set(id, known);
      }
      setLanguages([...byId.values()].sort((a, b) => a.name.localeCompare(b.name)));
    });
  }, [wanted]);
  return languages;
}

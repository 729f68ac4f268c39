/** Monaco's diff editor for two texts, each a model that is open or a text of its own. */
import { useEffect, useRef } from "react";
import { useResolvedTheme } from "@/lib/theme";
import { applyTheme, EDITOR_OPTIONS, languageOf, monaco } from "../monaco";
import { optionsFor } from "../settings/options";
import { useEditorSettings } from "../settings/settings";

interface DiffViewProps {
  original: monaco.editor.ITextModel | string;
  modified: monaco.editor.ITextModel | string;
  /** Its name decides the language of texts without a model. */
  path: string;
  labels: { original: string; modified: string };
  readOnly: boolean;
  editorRef?: (editor: monaco.editor.IStandaloneDiffEditor | undefined) => void;
}

/** Below this width of both sides, in pixels, changes stand below each other. */
const INLINE_BELOW_PX = 700;

export function DiffView(props: DiffViewProps) {
  const { original, modified, path, labels, readOnly } = props;
  const element = useRef<HTMLDivElement>(null);
  const editor = useRef<monaco.editor.IStandaloneDiffEditor>(undefined);
  const theme = useResolvedTheme();
  const [settings] = useEditorSettings();
  const latest = useRef({ settings, editorRef: props.editorRef });
  latest.current = { settings, editorRef: props.editorRef };
  useEffect(() => applyTheme(theme, settings.theme), [theme, settings.theme]);

  useEffect(() => {
    const box = element.current;
    if (!box) return;
    const made = monaco.editor.createDiffEditor(box, {
      ...EDITOR_OPTIONS,
      ...optionsFor(latest.current.settings, box.clientWidth / 2),
      originalEditable: false,
      renderSideBySide: true,
      useInlineViewWhenSpaceIsLimited: true,
      renderSideBySideInlineBreakpoint: INLINE_BELOW_PX,
      minimap: { enabled: false },
      renderOverviewRuler: false,
    });
    keepName(made.getOriginalEditor(), labels.original);
    keepName(made.getModifiedEditor(), labels.modified);
    editor.current = made;
    latest.current.editorRef?.(made);
    return () => {
      latest.current.editorRef?.(undefined);
      editor.current = undefined;
      made.dispose();
    };
  }, [labels.original, labels.modified]);

  useEffect(() => {
    const own: monaco.editor.ITextModel[] = [];
    const modelOf = (side: monaco.editor.ITextModel | string) => {
      if (typeof side !== "string") return side;
      const made = monaco.editor.createModel(side, languageOf(path));
      own.push(made);
      return made;
    };
    const made = editor.current;
    made?.setModel({ original: modelOf(original), modified: modelOf(modified) });
    return () => {
      // The editor of before may be gone already, with its hold on the models.
      if (editor.current === made) made?.setModel(null);
      for (const model of own) model.dispose();
    };
  }, [original, modified, path]);

  useEffect(() => editor.current?.updateOptions({ readOnly }), [readOnly]);

  return <div ref={element} dir="ltr" className="min-h-0 flex-1" />;
}

/** Names a side: the diff editor takes the name away with each change of its options. */
function keepName(side: monaco.editor.ICodeEditor, ariaLabel: string): void {
  const name = () => {
    if (side.getOption(monaco.editor.EditorOption.ariaLabel) === ariaLabel) return;
    side.updateOptions({ ariaLabel });
  };
  name();
  side.onDidChangeConfiguration(name);
}

/** What is on disk beside what is in the editor. A lazy chunk. */
import { useEffect, useRef } from "react";
import { useResolvedTheme } from "@/lib/theme";
import { applyTheme, EDITOR_OPTIONS, type MonacoBuffer, monaco } from "./monaco";

interface DiffViewProps {
  /** The text on disk. */
  theirs: string;
  mine: MonacoBuffer;
  labels: { theirs: string; mine: string };
}

export function DiffView({ theirs, mine, labels }: DiffViewProps) {
  const place = useRef<HTMLDivElement>(null);
  const theme = useResolvedTheme();
  useEffect(() => applyTheme(theme), [theme]);
  useEffect(() => {
    const element = place.current;
    if (!element) return;
    const original = monaco.editor.createModel(theirs, mine.model.getLanguageId());
    const editor = monaco.editor.createDiffEditor(element, {
      ...EDITOR_OPTIONS,
      originalEditable: false,
      renderSideBySide: true,
      useInlineViewWhenSpaceIsLimited: true,
      renderSideBySideInlineBreakpoint: 700,
      minimap: { enabled: false },
      renderOverviewRuler: false,
      originalAriaLabel: labels.theirs,
      modifiedAriaLabel: labels.mine,
    });
    editor.setModel({ original, modified: mine.model });
    return () => {
      editor.dispose();
      original.dispose();
    };
  }, [theirs, mine, labels.theirs, labels.mine]);
  return <div ref={place} dir="ltr" className="h-full min-h-0" />;
}

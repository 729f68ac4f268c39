/** Replacing from the panel: what it came to is said, with a way back. */
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { toast } from "sonner";
import { useErrorText } from "@/lib/error-text";
import { type Replaced, undo } from "./replace";
import type { SearchSession } from "./session";
import type { SkippedFile } from "./types";

/** How long the way back is offered here, in milliseconds; the command palette has it for longer. */
const UNDO_SHOWN_MS = 12_000;

interface ReplaceActions {
  pending: boolean;
  /** Replaces, says what it came to, and searches again. */
  replace: (work: () => Promise<Replaced>) => Promise<void>;
  /** Takes the last replacement back; nothing where there is none. */
  undoLast: (() => Promise<void>) | undefined;
}

export function useReplace(session: SearchSession): ReplaceActions {
  const { t } = useTranslation("search");
  const errorText = useErrorText();
  const [pending, setPending] = useState(false);
  const [last, setLast] = useState<readonly string[]>([]);

  const tellSkipped = (skipped: readonly SkippedFile[]) => {
    const [first] = skipped;
    if (!first) return;
    toast.warning(t("replace.skipped", { count: skipped.length }), {
      description: first.detail,
    });
  };
  const undoIds = async (ids: readonly string[]) => {
    try {
      const skipped = await undo(session.workspace, ids);
      setLast([]);
      tellSkipped(skipped);
      if (skipped.length === 0) toast.success(t("replace.undone"));
    } catch (error) {
      toast.error(errorText(error));
    }
    void session.run();
  };
  const replace = async (work: () => Promise<Replaced>) => {
    setPending(true);
    try {
      const { files, matches, skipped, ids } = await work();
      if (ids.length > 0) {
        setLast(ids);
        const where = t("count.files", { count: files });
        toast.success(t("replace.done", { count: matches, where }), {
          duration: UNDO_SHOWN_MS,
          action: { label: t("replace.undo"), onClick: () => void undoIds(ids) },
        });
      }
      tellSkipped(skipped);
    } catch (error) {
      toast.error(errorText(error));
    } finally {
      setPending(false);
    }
    void session.run();
  };
  return { pending, replace, undoLast: last.length > 0 ? () => undoIds(last) : undefined };
}

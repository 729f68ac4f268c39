/**
 * Both the disk and the editor have changed the same lines: each conflict is decided, or the result
 * edited by hand. Nothing is lost until then, and nothing is saved. A lazy chunk.
 */
import { useCallback, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "@/components/ui/button";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import { Dialog, DialogFooter } from "@/components/ui/dialog";
import type { MergeResult } from "@/lib/merge-view";
import { shownPath } from "@/lib/shown-path";
import type { EditorSession } from "../session";
import { withMarkers } from "./markers";
import { MergeView } from "./merge-view";
import { merge3 } from "./merge3";

interface MergeDialogProps {
  session: EditorSession;
  path: string;
  texts: { mine: string; base: string; theirs: string };
  onClose: () => void;
}

export function MergeDialog({ session, path, texts, onClose }: MergeDialogProps) {
  const { t } = useTranslation("editor");
  const result = useRef<MergeResult>(undefined);
  const [state, setState] = useState({ left: 1, dirty: false });
  const [asking, setAsking] = useState(false);
  const merged = useMemo(() => merge3(texts.mine, texts.base, texts.theirs), [texts]);
  const start = useMemo(() => {
    const labels = { mine: t("merge.mine"), base: t("merge.base"), theirs: t("merge.theirs") };
    if (merged.kind === "conflicts") return withMarkers(merged.chunks, labels);
    return merged.kind === "clean" ? merged.text : texts.mine;
  }, [merged, texts, t]);
  const resultRef = useCallback((made: MergeResult | undefined) => {
    result.current = made;
  }, []);

  const apply = () => {
    const text = result.current?.text();
    if (text === undefined) return;
    session.file(path)?.adoptMerge(text, texts.theirs);
    onClose();
  };
  const leave = () => (state.dirty ? setAsking(true) : onClose());
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && leave()}
      title={t("merge.title", { name: shownPath(path) })}
      description={t(merged.kind === "tooLarge" ? "merge.tooLarge" : "merge.detail")}
      className="sm:top-[4vh] sm:max-h-[92vh] sm:max-w-[min(1400px,96vw)]"
    >
      <MergeView
        path={path}
        texts={texts}
        start={start}
        words={{
          mine: t("merge.mine"),
          base: t("merge.base"),
          theirs: t("merge.theirs"),
          takeMine: t("merge.take.mine"),
          takeTheirs: t("merge.take.theirs"),
          takeMineFirst: t("merge.take.mineFirst"),
          takeTheirsFirst: t("merge.take.theirsFirst"),
        }}
        onState={setState}
        resultRef={resultRef}
      />
      <DialogFooter>
        <Button onClick={leave}>{t("merge.later")}</Button>
        <Button
          variant="primary"
          disabledReason={state.left === 0 ? undefined : t("merge.undecided")}
          onClick={apply}
        >
          {t("merge.apply")}
        </Button>
      </DialogFooter>
      <ConfirmDialog
        open={asking}
        onOpenChange={setAsking}
        title={t("merge.leave.title")}
        description={t("merge.leave.description")}
        action={t("merge.leave.action")}
        pending={false}
        onConfirm={onClose}
      />
    </Dialog>
  );
}

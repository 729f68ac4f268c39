/** The conflict, side by side, with the two ways out of it. */
import { lazy, Suspense } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "@/components/ui/button";
import { Dialog, DialogFooter } from "@/components/ui/dialog";
import { shownPath } from "@/lib/shown-path";
import type { MonacoBuffer } from "./monaco";
import type { EditorSession } from "./session";

const DiffView = lazy(async () => ({ default: (await import("./diff-view")).DiffView }));

interface CompareDialogProps {
  session: EditorSession;
  path: string;
  theirs: string;
  onClose: () => void;
}

export function CompareDialog({ session, path, theirs, onClose }: CompareDialogProps) {
  const { t } = useTranslation("workbench");
  const file = session.file(path);
  const content = file?.content;
  if (!file || content?.kind !== "text") return null;
  const labels = { theirs: t("editor.onDisk"), mine: t("editor.inEditor") };
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={t("editor.compareTitle", { path: shownPath(path) })}
      description={t("editor.compareDescription")}
      className="sm:top-[4vh] sm:max-h-[92vh] sm:max-w-[min(1200px,94vw)]"
    >
      <div className="flex border-b bg-canvas text-ink-2 text-xs" dir="ltr">
        <span className="flex-1 px-4 py-1">{labels.theirs}</span>
        <span className="flex-1 border-s px-4 py-1">{labels.mine}</span>
      </div>
      <div className="h-[60vh] min-h-0">
        <Suspense fallback={<div className="skeleton m-4 h-3 w-1/3" />}>
          <DiffView theirs={theirs} mine={content.buffer as MonacoBuffer} labels={labels} />
        </Suspense>
      </div>
      <DialogFooter>
        <Button
          onClick={() => {
            void file.takeTheirs();
            onClose();
          }}
        >
          {t("editor.takeTheirs")}
        </Button>
        <Button
          variant="primary"
          onClick={() => {
            void file.overwrite();
            onClose();
          }}
        >
          {t("editor.overwrite")}
        </Button>
      </DialogFooter>
    </Dialog>
  );
}

/** Asks before lines are pasted that the shell would run one after the other. */
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "@/components/ui/button";
import { Dialog, DialogBody, DialogFooter } from "@/components/ui/dialog";
import type { Paste } from "./paste";

/** How much of it is shown, in characters. */
const SHOWN_CHARACTERS = 2_000;

interface PasteDialogProps {
  paste: Paste;
  onPaste: (never: boolean) => void;
  onCancel: () => void;
}

export function PasteDialog({ paste, onPaste, onCancel }: PasteDialogProps) {
  const { t } = useTranslation("terminals");
  const [never, setNever] = useState(false);
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onCancel()}
      title={t("paste.title", { count: paste.lines })}
      description={t("paste.description")}
    >
      <DialogBody className="flex flex-col gap-3">
        <section
          aria-label={t("paste.preview")}
          // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard.
          tabIndex={0}
          className="max-h-48 overflow-auto rounded-md border bg-canvas p-2"
        >
          <pre dir="ltr" className="whitespace-pre-wrap break-all font-mono text-xs">
            {paste.text.slice(0, SHOWN_CHARACTERS)}
            {paste.text.length > SHOWN_CHARACTERS ? "…" : ""}
          </pre>
        </section>
        <label className="flex items-center gap-2 text-sm">
          <input
            type="checkbox"
            checked={never}
            onChange={(event) => setNever(event.target.checked)}
          />
          {t("paste.never")}
        </label>
      </DialogBody>
      <DialogFooter>
        <Button onClick={onCancel}>{t("paste.cancel")}</Button>
        <Button variant="primary" onClick={() => onPaste(never)}>
          {t("paste.go")}
        </Button>
      </DialogFooter>
    </Dialog>
  );
}

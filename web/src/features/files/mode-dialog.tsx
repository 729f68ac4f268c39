/** The permissions of entries: who may read, write and run them, and the same in octal. */
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "@/components/ui/button";
import { Dialog, DialogBody, DialogFooter } from "@/components/ui/dialog";
import { octal } from "./mode";

const WHO = ["owner", "group", "others"] as const;
const WHAT = ["read", "write", "execute"] as const;

interface ModeDialogProps {
  /** What is changed, for people. */
  name: string;
  count: number;
  mode: number;
  onClose: () => void;
  /** Answers whether it was done. */
  onSave: (mode: number) => Promise<boolean>;
}

export function ModeDialog({ name, count, mode, onClose, onSave }: ModeDialogProps) {
  const { t } = useTranslation("files");
  const [text, setText] = useState(octal(mode));
  const [pending, setPending] = useState(false);
  const isValid = /^[0-7]{3}$/.test(text);
  const bits = isValid ? Number.parseInt(text, 8) : 0;
  const bitOf = (who: number, what: number) => 1 << (8 - who * 3 - what);
  const save = async () => {
    if (!isValid || pending) return;
    setPending(true);
    const done = await onSave(bits);
    setPending(false);
    if (done) onClose();
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
      title={t("mode.title")}
      description={count > 1 ? t("mode.ofMany", { count }) : name}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <DialogBody className="flex flex-col gap-4">
          <table className="w-full text-start">
            <thead>
              <tr className="text-ink-2 text-xs">
                <td />
                {WHAT.map((what) => (
                  <th key={what} scope="col" className="p-1 text-center font-medium">
                    {t(`mode.${what}`)}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {WHO.map((who, row) => (
                <tr key={who}>
                  <th scope="row" className="p-1 text-start font-medium">
                    {t(`mode.${who}`)}
                  </th>
                  {WHAT.map((what, column) => (
                    <td key={what} className="p-1 text-center">
                      <input
                        type="checkbox"
                        className="size-4 accent-accent"
                        aria-label={`${t(`mode.${who}`)}: ${t(`mode.${what}`)}`}
                        checked={(bits & bitOf(row, column)) !== 0}
                        disabled={!isValid}
                        onChange={() => setText(octal(bits ^ bitOf(row, column)))}
                      />
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
          <label className="flex items-center gap-2">
            <span className="flex-1">{t("mode.octal")}</span>
            <input
              dir="ltr"
              value={text}
              inputMode="numeric"
              maxLength={3}
              aria-invalid={!isValid}
              aria-describedby={isValid ? undefined : "mode-fault"}
              className="h-8 w-20 rounded-md border border-line-strong bg-surface px-2 font-mono aria-invalid:border-bad"
              onChange={(event) => setText(event.target.value)}
            />
          </label>
          {isValid ? null : (
            <p id="mode-fault" role="alert" className="text-bad text-xs">
              {t("mode.fault")}
            </p>
          )}
        </DialogBody>
        <DialogFooter>
          <Button onClick={onClose}>{t("mode.cancel")}</Button>
          <Button
            type="submit"
            variant="primary"
            pending={pending}
            disabledReason={isValid ? undefined : t("mode.fault")}
          >
            {t("mode.save")}
          </Button>
        </DialogFooter>
      </form>
    </Dialog>
  );
}

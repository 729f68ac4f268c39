/** The settings that have an effect on the page behind them, where their effect can be seen. */
import { useTranslation } from "react-i18next";
import type { PreferenceSection } from "@/components/preferences/preference-section";
import { Dialog, DialogBody } from "@/components/ui/dialog";
import { AppearanceFields } from "./appearance-section";

interface PreferenceDialogProps {
  sections: readonly PreferenceSection[];
  onClose: () => void;
}

export function PreferenceDialog({ sections, onClose }: PreferenceDialogProps) {
  const { t } = useTranslation("settings");
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={t("place.settings", { ns: "common" })}
      description={t("appearance.detail")}
      className="sm:max-w-xl"
    >
      <DialogBody className="flex flex-col gap-6">
        <section aria-labelledby="preferences-appearance">
          <h3 id="preferences-appearance" className="mb-2 font-semibold">
            {t("appearance.title")}
          </h3>
          <AppearanceFields />
        </section>
        {sections.map(({ id, title, content }) => (
          <section key={id} aria-labelledby={`preferences-${id}`}>
            <h3 id={`preferences-${id}`} className="mb-1 font-semibold">
              {title}
            </h3>
            {content}
          </section>
        ))}
      </DialogBody>
    </Dialog>
  );
}

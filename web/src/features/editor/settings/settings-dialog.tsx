/** The editor's settings over the work, so that a change is seen as it is made. */
import { lazy, Suspense } from "react";
import { useTranslation } from "react-i18next";
import { Dialog } from "@/components/ui/dialog";

const EditorSettingsForm = lazy(async () => ({
  default: (await import("./editor-settings")).EditorSettingsForm,
}));

export function EditorSettingsDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation("editor");
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={t("settings.title")}
      description={t("settings.detail")}
      className="sm:max-w-xl"
    >
      <div className="overflow-y-auto p-4">
        <Suspense fallback={<div className="skeleton h-40" />}>
          <EditorSettingsForm />
        </Suspense>
      </div>
    </Dialog>
  );
}

/** No file is open: how to begin. */
import { useTranslation } from "react-i18next";
import { Kbd } from "@/components/ui/kbd";

export function EmptyEditor() {
  const { t } = useTranslation("workbench");
  const steps = [
    { shortcut: "Mod+K", text: t("editor.hintPalette") },
    { shortcut: "Mod+B", text: t("editor.hintTree") },
    { shortcut: "Mod+J", text: t("editor.hintTerminal") },
  ];
  return (
    <section
      aria-label={t("editor.panel")}
      className="flex h-full flex-col items-center justify-center gap-4 bg-surface p-4"
    >
      <p className="text-center text-ink-2">{t("editor.none")}</p>
      <dl className="grid grid-cols-[auto_auto] items-center gap-x-4 gap-y-2 max-md:hidden">
        {steps.map(({ shortcut, text }) => (
          <div key={shortcut} className="contents">
            <dt className="text-end text-ink-3">{text}</dt>
            <dd>
              <Kbd shortcut={shortcut} />
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

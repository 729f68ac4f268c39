import { Plus, Server, Terminal } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Button } from "@/components/ui/button";

/** Teaches how the second server comes, where there is only the control plane's own. */
export function OnlyLocal({ onAdd }: { onAdd: () => void }) {
  const { t } = useTranslation("servers");
  return (
    <section className="my-6 flex max-w-xl flex-col items-start gap-3">
      <h2 className="font-semibold text-base">{t("empty.title")}</h2>
      <p className="flex items-start gap-2 text-ink-2">
        <Terminal className="mt-0.5 size-4 shrink-0 text-ink-3" aria-hidden />
        {t("empty.command")}
      </p>
      <p className="flex items-start gap-2 text-ink-2">
        <Server className="mt-0.5 size-4 shrink-0 text-ink-3" aria-hidden />
        {t("empty.then")}
      </p>
      <Button onClick={onAdd}>
        <Plus aria-hidden />
        {t("add.open")}
      </Button>
    </section>
  );
}

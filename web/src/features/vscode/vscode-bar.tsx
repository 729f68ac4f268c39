import { CodeXml, Settings2 } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Button } from "@/components/ui/button";
import { IconButton } from "@/components/ui/icon-button";

/** Above the ports: VS Code is an application of the workspace, too. */
export function VsCodeBar({ onOpen, onManage }: { onOpen: () => void; onManage: () => void }) {
  const { t } = useTranslation("vscode");
  return (
    <div className="flex items-center gap-1 border-b bg-surface px-3 py-2">
      <Button size="sm" className="min-w-0 flex-1" onClick={onOpen}>
        <CodeXml aria-hidden />
        {t("open")}
      </Button>
      <IconButton label={t("manage")} onClick={onManage}>
        <Settings2 />
      </IconButton>
    </div>
  );
}

/** VS Code of a workspace: opened in a tab of its own, managed in a dialog; both are in the palette. */
import { useQueryClient } from "@tanstack/react-query";
import { lazy, type ReactNode, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { toast } from "sonner";
import { useCommands } from "@/lib/commands";
import { useErrorText } from "@/lib/error-text";
import { vscodeAddress, vscodeView } from "./queries";

const VsCodeDialog = lazy(async () => ({
  default: (await import("./vscode-dialog")).VsCodeDialog,
}));

interface VsCodeActions {
  open: () => void;
  manage: () => void;
  /** To be rendered where the page is. */
  dialog: ReactNode;
}

export function useVsCode(workspace: string): VsCodeActions {
  const { t } = useTranslation("vscode");
  const client = useQueryClient();
  const errorText = useErrorText();
  const [managing, setManaging] = useState(false);
  const manage = () => setManaging(true);
  const open = async () => {
    // The tab is opened at once, while the click still counts, and led on when there is an address.
    const tab = window.open("about:blank", "_blank");
    if (!tab) {
      toast.error(t("blocked"));
      return;
    }
    tab.opener = null;
    try {
      const { state } = await client.fetchQuery(vscodeView(workspace));
      const url = ["absent", "installing"].includes(state)
        ? undefined
        : await vscodeAddress(workspace);
      if (url) {
        tab.location.href = url;
        return;
      }
      manage();
    } catch (error) {
      toast.error(errorText(error));
    }
    tab.close();
  };
  const start = () => void open();
  useCommands("vscode", [
    {
      id: "vscode.open",
      title: t("open"),
      disabledReason: undefined,
      run: start,
    },
    {
      id: "vscode.manage",
      title: t("manage"),
      disabledReason: undefined,
      run: manage,
    },
  ]);
  return {
    open: start,
    manage,
    dialog: managing ? (
      <Suspense fallback={null}>
        <VsCodeDialog workspace={workspace} onOpen={start} onClose={() => setManaging(false)} />
      </Suspense>
    ) : null,
  };
}

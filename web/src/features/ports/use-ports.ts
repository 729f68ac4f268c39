/** What the panel, the preview and the notices of a workspace's ports share. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { toast } from "sonner";
import { useCommands } from "@/lib/commands";
import { usePreviews } from "./preview-store";
import { openPort, type Port, portList, refreshPorts } from "./queries";
import { watchPorts } from "./watch";

/** What is offered for a port. */
export interface PortActions {
  preview: (port: Port) => void;
  openOutside: (port: Port) => void;
}

/** Follows the ports, tells of new ones, and registers what can be done with them. */
export function usePorts(workspace: string, shown: () => void): PortActions {
  const { t } = useTranslation("ports");
  const client = useQueryClient();
  const { data } = useQuery(portList(workspace));
  const actions: PortActions = {
    preview: (port) => {
      usePreviews.getState().show(workspace, port.port, port.url ? "host" : "path");
      shown();
      toast.dismiss(`port-${port.port}`);
    },
    openOutside: (port) => {
      if (port.url) window.open(port.url, "_blank", "noopener,noreferrer");
      else void openByPath(workspace, port.port);
    },
  };
  const tell = useRef<(port: Port) => void>(() => {});
  tell.current = (port) => {
    toast(t("opened", { port: port.port, process: port.process?.name ?? "" }), {
      id: `port-${port.port}`,
      action: { label: t("openPreview"), onClick: () => actions.preview(port) },
    });
  };
  useEffect(() => {
    let known: ReadonlySet<number> | undefined;
    return watchPorts(workspace, (listening) => {
      void refreshPorts(client, workspace).then(() => {
        const ports = client.getQueryData(portList(workspace).queryKey)?.items ?? [];
        const before = known;
        known = new Set(listening.map(({ port }) => port));
        if (!before) return;
        for (const { port, protocol } of listening) {
          const found = ports.find((item) => item.port === port);
          if (found && !before.has(port) && protocol !== "other") tell.current(found);
        }
      });
    });
  }, [client, workspace]);
  usePortCommands(workspace, data?.items ?? [], actions);
  return actions;
}

/** The tab is opened at once, while the click still counts, and led on when there is an address. */
async function openByPath(workspace: string, port: number): Promise<void> {
  const tab = window.open("about:blank", "_blank");
  if (!tab) return;
  tab.opener = null;
  try {
    const opened = await openPort(workspace, port, "/", "path");
    if (opened) tab.location.href = opened.url;
  } catch {
    tab.close();
  }
}

function usePortCommands(workspace: string, ports: readonly Port[], actions: PortActions): void {
  const { t } = useTranslation("ports");
  const previews = usePreviews();
  const preview = previews.open[workspace];
  const none = preview ? undefined : t("noPreview");
  const first = ports.find(({ listening, protocol }) => listening && protocol !== "other");
  const notFirst = first ? undefined : t("empty");
  const turn = preview?.turn ?? 0;
  useCommands("ports", [
    {
      id: "ports.preview",
      title: t("command.preview"),
      disabledReason: notFirst,
      run: () => first && actions.preview(first),
    },
    {
      id: "ports.openOutside",
      title: t("command.openOutside"),
      disabledReason: notFirst,
      run: () => first && actions.openOutside(first),
    },
    {
      id: "ports.reload",
      title: t("command.reload"),
      disabledReason: none,
      run: () => previews.change(workspace, { turn: turn + 1 }),
    },
    {
      id: "ports.back",
      title: t("command.back"),
      disabledReason: none ?? (preview?.before.length ? undefined : t("noBack")),
      run: () => previews.back(workspace),
    },
    ...(["full", "tablet", "phone"] as const).map((width) => ({
      id: `ports.width.${width}`,
      title: t("command.width", { width: t(`width.${width}`) }),
      disabledReason: none,
      run: () => previews.change(workspace, { width }),
    })),
    {
      id: "ports.close",
      title: t("command.close"),
      disabledReason: none,
      run: () => previews.close(workspace),
    },
  ]);
}

/** An application in a frame, with a bar to lead it. */
import { useQuery } from "@tanstack/react-query";
import { ArrowLeft, ExternalLink, RotateCw, X } from "lucide-react";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { ErrorState } from "@/components/error-state";
import { Input } from "@/components/ui/field";
import { IconButton } from "@/components/ui/icon-button";
import { Select } from "@/components/ui/select";
import { type Preview, pathOf, usePreviews, WIDTHS, type Width } from "./preview-store";
import { openPort, portList } from "./queries";
import type { PortActions } from "./use-ports";

/**
 * What a frame may do. It never leads the page away. An application on its own host has its own origin,
 * which it may use; by path it would be ours, so there it has none.
 */
const SANDBOX = {
  path: "allow-scripts allow-forms allow-modals allow-popups allow-downloads",
  host: "allow-scripts allow-forms allow-modals allow-popups allow-popups-to-escape-sandbox allow-downloads allow-same-origin",
} as const;

interface PreviewPanelProps {
  workspace: string;
  preview: Preview;
  actions: PortActions;
}

export function PreviewPanel({ workspace, preview, actions }: PreviewPanelProps) {
  const { t } = useTranslation("ports");
  const previews = usePreviews();
  const { port, path, addressing, turn, width } = preview;
  const list = useQuery(portList(workspace));
  const found = list.data?.items.find((item) => item.port === port);
  // An address is good once: each turn asks for one of its own.
  const opened = useQuery({
    queryKey: ["preview", workspace, port, path, addressing, turn],
    queryFn: async () => (await openPort(workspace, port, path, addressing)) ?? null,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
    retry: false,
  });
  const title = t("previewTitle", { port, name: found?.name ?? found?.process?.name ?? "" });
  return (
    <section aria-label={title} className="flex h-full min-w-0 flex-col bg-surface">
      <div className="flex h-9 shrink-0 items-center gap-1 border-b px-1.5">
        <IconButton
          label={t("command.back")}
          disabledReason={preview.before.length ? undefined : t("noBack")}
          onClick={() => previews.back(workspace)}
        >
          <ArrowLeft className="rtl:-scale-x-100" aria-hidden />
        </IconButton>
        <IconButton
          label={t("command.reload")}
          onClick={() => previews.change(workspace, { turn: turn + 1 })}
        >
          <RotateCw aria-hidden />
        </IconButton>
        <Address
          key={`${port}${path}`}
          port={port}
          path={path}
          onGo={(to) => previews.go(workspace, to)}
        />
        <Select
          aria-label={t("widthLabel")}
          className="max-sm:hidden"
          value={width}
          onChange={(event) => previews.change(workspace, { width: event.target.value as Width })}
        >
          {(Object.keys(WIDTHS) as Width[]).map((name) => (
            <option key={name} value={name}>
              {t(`width.${name}`)}
            </option>
          ))}
        </Select>
        {found ? (
          <IconButton label={t("command.openOutside")} onClick={() => actions.openOutside(found)}>
            <ExternalLink aria-hidden />
          </IconButton>
        ) : null}
        <IconButton label={t("command.close")} onClick={() => previews.close(workspace)}>
          <X aria-hidden />
        </IconButton>
      </div>
      <div className="flex min-h-0 flex-1 justify-center overflow-auto bg-canvas">
        {opened.isError ? (
          <ErrorState
            error={opened.error}
            onRetry={() => void opened.refetch()}
            retrying={opened.isFetching}
          />
        ) : null}
        {opened.data ? (
          <iframe
            key={opened.data.url}
            title={title}
            src={opened.data.url}
            sandbox={SANDBOX[opened.data.addressing]}
            referrerPolicy="no-referrer"
            allow="fullscreen; clipboard-write"
            // Applications draw on white unless they say otherwise.
            className="h-full max-w-full flex-1 bg-white data-[narrow]:flex-none data-[narrow]:border-x"
            data-narrow={width === "full" ? undefined : ""}
            style={width === "full" ? undefined : { width: WIDTHS[width] }}
          />
        ) : null}
      </div>
    </section>
  );
}

interface AddressProps {
  port: number;
  path: string;
  onGo: (path: string) => void;
}

/** Where the application was sent; where it has gone since, its frame does not tell. */
function Address({ port, path, onGo }: AddressProps) {
  const { t } = useTranslation("ports");
  const [typed, setTyped] = useState(path);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onGo(pathOf(typed));
  };
  return (
    <form className="flex min-w-0 flex-1 items-center gap-1" onSubmit={submit} dir="ltr">
      <span className="font-mono text-ink-3 text-xs">:{port}</span>
      <Input
        aria-label={t("address")}
        className="h-7 min-w-0 flex-1 font-mono text-xs"
        value={typed}
        spellCheck={false}
        autoCapitalize="off"
        onChange={(event) => setTyped(event.target.value)}
      />
    </form>
  );
}

/** One port of the list. */
import { useQueryClient } from "@tanstack/react-query";
import { Copy, ExternalLink, Eye, Pencil } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { toast } from "sonner";
import type { ApiError } from "@/api/errors";
import { Input } from "@/components/ui/field";
import { IconButton } from "@/components/ui/icon-button";
import { Select } from "@/components/ui/select";
import { useErrorText } from "@/lib/error-text";
import { type Port, type PortVisibility, refreshPorts, updatePort } from "./queries";
import type { PortActions } from "./use-ports";

const VISIBILITIES: readonly PortVisibility[] = ["private", "organization", "public"];

interface PortRowProps {
  workspace: string;
  port: Port;
  actions: PortActions;
}

export function PortRow({ workspace, port, actions }: PortRowProps) {
  const { t } = useTranslation("ports");
  const client = useQueryClient();
  const errorText = useErrorText();
  const [naming, setNaming] = useState(false);
  const title = port.name ?? port.process?.name ?? t("nothing");
  const silent = port.listening ? undefined : t("notListening");
  const named = { port: port.port };

  const change = async (what: { name?: string; visibility?: PortVisibility }) => {
    try {
      await updatePort(workspace, port.port, what);
    } catch (error) {
      toast.error(errorText(error as ApiError));
    }
    await refreshPorts(client, workspace);
  };
  const copy = async () => {
    if (!port.url) return;
    await navigator.clipboard.writeText(port.url);
    toast.success(t("copied"));
  };

  return (
    <li className="flex flex-col gap-1.5 px-3 py-2" aria-label={t("port", named)}>
      <div className="flex items-center gap-2">
        <span className="font-mono text-sm tabular-nums">{port.port}</span>
        {naming ? (
          <NameField
            label={t("nameOf", named)}
            name={port.name ?? ""}
            onDone={(name) => {
              setNaming(false);
              if (name !== undefined) void change({ name });
            }}
          />
        ) : (
          <span className="min-w-0 flex-1 truncate text-ink-2 text-sm" title={title}>
            {title}
          </span>
        )}
      </div>
      <p className="truncate text-ink-3 text-xs">
        {port.listening && port.process
          ? t("listens", {
              process: port.process.name,
              pid: port.process.pid,
              addresses: port.addresses?.join(", ") ?? "",
            })
          : t("notListening")}
      </p>
      <div className="flex flex-wrap items-center gap-0.5">
        <Select
          aria-label={t("visibilityOf", named)}
          className="me-auto"
          value={port.visibility}
          onChange={(event) => void change({ visibility: event.target.value as PortVisibility })}
        >
          {VISIBILITIES.map((visibility) => (
            <option key={visibility} value={visibility}>
              {t(`visibility.${visibility}`)}
            </option>
          ))}
        </Select>
        <IconButton
          label={t("previewOf", named)}
          disabledReason={silent}
          onClick={() => actions.preview(port)}
        >
          <Eye aria-hidden />
        </IconButton>
        <IconButton
          label={t("openOutsideOf", named)}
          disabledReason={silent}
          onClick={() => actions.openOutside(port)}
        >
          <ExternalLink aria-hidden />
        </IconButton>
        <IconButton
          label={t("copyOf", named)}
          disabledReason={port.url ? undefined : t("noAddress")}
          onClick={() => void copy()}
        >
          <Copy aria-hidden />
        </IconButton>
        <IconButton label={t("renameOf", named)} onClick={() => setNaming(true)}>
          <Pencil aria-hidden />
        </IconButton>
      </div>
      <p className="text-ink-3 text-xs">{t(`reach.${port.visibility}`)}</p>
    </li>
  );
}

interface NameFieldProps {
  label: string;
  name: string;
  /** With nothing, it stays as it was. */
  onDone: (name?: string) => void;
}

function NameField({ label, name, onDone }: NameFieldProps) {
  const [text, setText] = useState(name);
  return (
    <Input
      aria-label={label}
      className="min-w-0 flex-1"
      // Whoever asked to name it types the name next.
      autoFocus
      maxLength={60}
      value={text}
      onChange={(event) => setText(event.target.value)}
      onBlur={() => onDone(text)}
      onKeyDown={(event) => {
        if (event.key === "Enter") event.currentTarget.blur();
        if (event.key === "Escape") onDone();
      }}
    />
  );
}

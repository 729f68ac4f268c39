import { Link } from "@tanstack/react-router";
import { CircleCheck, Clock, Copy, LoaderCircle, TriangleAlert } from "lucide-react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { toast } from "sonner";
import { useNode } from "@/api/nodes";
import type { NodeTokenCreated } from "@/api/types";
import { NodeState } from "@/components/node/node-state";
import { Button, buttonClass } from "@/components/ui/button";
import { DialogBody, DialogFooter } from "@/components/ui/dialog";
import { useErrorText } from "@/lib/error-text";
import { ALLOW_PLAINTEXT, isPlaintext, JOIN_WAYS, type JoinWay, joinCommand } from "./join-ways";
import { useJoinTokens, useTokenDelete } from "./use-tokens";

interface JoinPanelProps {
  created: NodeTokenCreated;
  organization: string;
  /** Makes another token, in place of one that has expired. */
  onAgain: () => void;
  onClose: () => void;
}

/** Milliseconds until `at`, counted by the second. */
function useRemaining(at: number): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  return Math.max(0, at - now);
}

/** The command to run on the machine, and what has become of it. */
export function JoinPanel({ created, organization, onAgain, onClose }: JoinPanelProps) {
  const { t } = useTranslation("servers");
  const errorText = useErrorText();
  const { token } = created;
  const tokens = useJoinTokens(organization, true);
  const node = tokens.data?.items.find(({ id }) => id === token.id)?.node_id ?? undefined;
  const takeBack = useTokenDelete((error) => void toast.error(errorText(error)));
  const remaining = useRemaining(token.expires_at);
  const expired = remaining === 0 && node === undefined;
  return (
    <>
      <DialogBody className="flex flex-col gap-4">
        {node === undefined && !expired ? <Command command={created.command} /> : null}
        <output aria-live="polite" className="block">
          {node !== undefined ? (
            <Joined node={node} />
          ) : expired ? (
            <p className="flex items-start gap-2 text-warn">
              <TriangleAlert className="mt-0.5 size-4 shrink-0" aria-hidden />
              {t("join.expired")}
            </p>
          ) : (
            <p className="flex items-center gap-2 text-ink-2">
              <LoaderCircle className="size-4 shrink-0 animate-spin text-info" aria-hidden />
              {t("join.waiting")}
            </p>
          )}
        </output>
        {node === undefined && !expired ? (
          <p className="flex items-center gap-2 text-ink-3 text-xs">
            <Clock className="size-3.5 shrink-0" aria-hidden />
            <span>
              {t("join.expires")} <bdi className="tabular-nums">{clock(remaining)}</bdi>
            </span>
          </p>
        ) : null}
      </DialogBody>
      <DialogFooter>
        {node !== undefined ? (
          <>
            <Button onClick={onAgain}>{t("join.another")}</Button>
            <Link
              to="/servers/$nodeId"
              params={{ nodeId: node }}
              className={buttonClass({ variant: "primary" })}
              onClick={onClose}
            >
              {t("join.open")}
            </Link>
          </>
        ) : expired ? (
          <Button variant="primary" onClick={onAgain}>
            {t("join.again")}
          </Button>
        ) : (
          <>
            <Button
              variant="ghost"
              pending={takeBack.pending}
              onClick={() => takeBack.remove(token.id, onClose)}
            >
              {t("join.takeBack")}
            </Button>
            <Button onClick={onClose}>{t("join.later")}</Button>
          </>
        )}
      </DialogFooter>
    </>
  );
}

/** `59:07`: minutes and seconds. */
function clock(ms: number): string {
  const seconds = Math.ceil(ms / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

function Command({ command }: { command: string }) {
  const { t } = useTranslation("servers");
  const [way, setWay] = useState<JoinWay>("service");
  const [permitted, setPermitted] = useState(false);
  const plaintext = isPlaintext(command);
  const shown = joinCommand(command, way) + (plaintext && permitted ? ALLOW_PLAINTEXT : "");
  const copy = async () => {
    // Without TLS the browser has no clipboard for pages; the text can be selected.
    if (!navigator.clipboard) return void toast.error(t("join.noClipboard"));
    await navigator.clipboard.writeText(shown);
    toast.success(t("action.copied", { ns: "common" }));
  };
  return (
    <div className="flex flex-col gap-3">
      <fieldset>
        <legend className="sr-only">{t("join.way")}</legend>
        <div className="flex flex-wrap gap-1">
          {JOIN_WAYS.map((other) => (
            <label
              key={other}
              className="flex h-7 cursor-pointer items-center rounded-md border border-transparent px-2 text-ink-2 text-xs hover:bg-hover has-checked:border-line-strong has-checked:bg-selected has-checked:font-medium has-checked:text-accent-text has-focus-visible:outline-2 has-focus-visible:outline-focus"
            >
              <input
                type="radio"
                name="way"
                value={other}
                checked={way === other}
                onChange={() => setWay(other)}
                className="sr-only"
              />
              {t(`join.ways.${other}.name`)}
            </label>
          ))}
        </div>
      </fieldset>
      <p className="text-ink-2">{t(`join.ways.${way}.detail`)}</p>
      <div className="flex items-start gap-2">
        <textarea
          readOnly
          value={shown}
          dir="ltr"
          rows={3}
          aria-label={t("join.command")}
          onFocus={(event) => event.target.select()}
          className="min-w-0 flex-1 field-sizing-content wrap-anywhere resize-none rounded-md border bg-canvas px-3 py-2 font-mono text-xs"
        />
        <Button variant="primary" onClick={() => void copy()}>
          <Copy aria-hidden />
          {t("action.copy", { ns: "common" })}
        </Button>
      </div>
      {plaintext ? (
        <div className="rounded-md bg-warn-soft px-3 py-2">
          <p className="flex items-start gap-2">
            <TriangleAlert className="mt-0.5 size-4 shrink-0 text-warn" aria-hidden />
            {t("join.plaintext")}
          </p>
          <label className="mt-1 flex items-center gap-2 ps-6">
            <input
              type="checkbox"
              checked={permitted}
              onChange={(event) => setPermitted(event.target.checked)}
            />
            {t("join.plaintextAllow")}
          </label>
        </div>
      ) : null}
      <p className="text-ink-3 text-xs">{t("join.secret")}</p>
    </div>
  );
}

function Joined({ node: id }: { node: string }) {
  const { t } = useTranslation("servers");
  const { data: node } = useNode(id);
  return (
    <p className="flex flex-wrap items-center gap-x-2 gap-y-1 text-base">
      <CircleCheck className="size-5 shrink-0 text-ok" aria-hidden />
      <span>{t("join.joined", { name: node?.name ?? "…" })}</span>
      {node ? <NodeState node={node} /> : null}
    </p>
  );
}

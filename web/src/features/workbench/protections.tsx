/** What protects the workspace on its server, and whether each protection holds. */
import { ShieldAlert, ShieldCheck, X } from "lucide-react";
import { Popover } from "radix-ui";
import { useTranslation } from "react-i18next";
import type { Protection } from "@/api/types";
import { cn } from "@/lib/cn";

export function Protections({ protections }: { protections: readonly Protection[] }) {
  const { t } = useTranslation("workbench");
  const missing = protections.filter(({ holds }) => !holds).length;
  const Icon = missing > 0 ? ShieldAlert : ShieldCheck;
  const summary =
    missing > 0
      ? t("protection.missing", { count: missing })
      : t("protection.all", { count: protections.length });
  return (
    <Popover.Root>
      <Popover.Trigger
        aria-label={`${t("protection.title")}: ${summary}`}
        className={cn(
          "flex h-full pointer-coarse:min-w-10 pointer-coarse:justify-center items-center gap-1 px-1.5 hover:bg-hover",
          missing > 0 && "text-warn",
        )}
      >
        <Icon className="size-3.5" aria-hidden />
        <span className="max-md:hidden">{summary}</span>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          side="top"
          align="start"
          sideOffset={4}
          collisionPadding={8}
          aria-label={t("protection.title")}
          className="z-50 max-h-[70vh] w-88 max-w-[calc(100vw-16px)] animate-fade-in overflow-y-auto rounded-md border border-line bg-raised p-3 text-sm shadow-(--shadow-raised) outline-none"
        >
          <div className="flex items-center justify-between">
            <h2 className="font-semibold">{t("protection.title")}</h2>
            <Popover.Close
              aria-label={t("protection.close")}
              className="flex size-6 items-center justify-center rounded-sm text-ink-3 hover:bg-hover"
            >
              <X className="size-4" aria-hidden />
            </Popover.Close>
          </div>
          <p className="pb-2 text-ink-2">{t("protection.intro")}</p>
          <ul className="flex flex-col gap-2">
            {protections.map((protection) => (
              <Row key={protection.kind} protection={protection} />
            ))}
          </ul>
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

function Row({ protection }: { protection: Protection }) {
  const { t } = useTranslation("workbench");
  const Icon = protection.holds ? ShieldCheck : ShieldAlert;
  return (
    <li className="flex gap-2">
      <Icon
        className={cn("mt-0.5 size-4 shrink-0", protection.holds ? "text-ok" : "text-warn")}
        aria-hidden
      />
      <div className="min-w-0">
        <p className="flex flex-wrap items-baseline gap-x-2">
          <span className="font-medium">{t(`protection.kind.${protection.kind}`)}</span>
          <span className={cn("text-xs", protection.holds ? "text-ok" : "text-warn")}>
            {t(protection.holds ? "protection.holds" : "protection.lacks")}
          </span>
        </p>
        <p dir="auto" className="break-words text-ink-2 text-xs">
          {protection.detail}
        </p>
      </div>
    </li>
  );
}

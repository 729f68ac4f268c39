import { ShieldAlert, ShieldCheck } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { Protection } from "@/api/types";

/** What protects workspaces on a server, and whether each protection holds. */
export function ProtectionList({ protections }: { protections: readonly Protection[] }) {
  const { t } = useTranslation("servers");
  const missing = protections.filter(({ holds }) => !holds).length;
  return (
    <>
      <p className="text-ink-2 text-xs">
        {missing === 0 ? t("protection.allHold") : t("protection.missing", { count: missing })}
      </p>
      <ul className="mt-2 grid gap-x-6 gap-y-2 md:grid-cols-2">
        {protections.map(({ kind, holds, detail }) => {
          const Icon = holds ? ShieldCheck : ShieldAlert;
          return (
            <li key={kind} className="flex gap-2">
              <Icon
                className={`mt-0.5 size-4 shrink-0 ${holds ? "text-ok" : "text-warn"}`}
                aria-hidden
              />
              <div className="min-w-0">
                <p>
                  {t(`protection.${kind}`)}
                  <span className={holds ? "sr-only" : "text-warn"}>
                    {" · "}
                    {t(holds ? "protection.holds" : "protection.holdsNot")}
                  </span>
                </p>
                <p className="text-ink-2 text-xs">
                  <bdi>{detail}</bdi>
                </p>
              </div>
            </li>
          );
        })}
      </ul>
    </>
  );
}

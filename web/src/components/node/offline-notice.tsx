import { CloudOff } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { Node } from "@/api/types";
import { TimeAgo } from "../time-ago";

/** In plain words, that a server cannot be reached, since when, and what becomes of its workspaces. */
export function OfflineNotice({ node }: { node: Node }) {
  const { t } = useTranslation();
  const since = node.state_since ?? node.last_seen_at;
  return (
    <p role="status" className="flex items-start gap-2 bg-warn-soft px-3 py-2 text-ink">
      <CloudOff className="mt-0.5 size-4 shrink-0 text-warn" aria-hidden />
      <span>
        {t("node.offlineTitle", { name: node.name })}
        {since == null ? null : (
          <>
            {t("node.offlineSince")} <TimeAgo at={since} />
          </>
        )}
        {". "}
        {t("node.offlineDetail")}
      </span>
    </p>
  );
}

/** In place of the panels of a running workspace that this person may see, but not work in. */
import { EyeOff } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { Role, Workspace } from "@/api/types";
import { TimeAgo } from "@/components/time-ago";
import { StateBadge } from "@/components/workspace/state-badge";
import { roleAtLeast } from "@/lib/session";

/** Who may work in the workspace, in a sentence; says what to do. */
export function useAccessText(workspace: Workspace | undefined, role: Role): string {
  const { t } = useTranslation("workbench");
  const key = roleAtLeast(role, "member") ? "access.member" : "access.viewer";
  return t(key, { owner: workspace?.owner_name });
}

export function NoAccess({ workspace, role }: { workspace: Workspace; role: Role }) {
  const { t } = useTranslation("workbench");
  const text = useAccessText(workspace, role);
  return (
    <main className="min-h-0 flex-1 overflow-y-auto bg-surface">
      <div className="mx-auto flex max-w-lg flex-col gap-4 p-6 pt-[10vh]">
        <div className="flex flex-wrap items-center gap-3">
          <h2 className="flex items-center gap-2 font-semibold text-xl">
            <EyeOff className="size-5 text-ink-3" aria-hidden />
            {t("access.title")}
          </h2>
          <StateBadge state={workspace.state} />
        </div>
        <p className="text-base text-ink-2">{text}</p>
        <p className="text-ink-3 text-xs">
          {t("notRunning.since")} <TimeAgo at={workspace.state_since} />
        </p>
      </div>
    </main>
  );
}

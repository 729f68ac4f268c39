/** The dialog of SSH keys and known hosts, which needs no repository: a clone may need a key first. */
import { lazy, Suspense } from "react";
import { useStore } from "zustand";
import type { GitSession } from "../session";

const SshDialog = lazy(async () => ({ default: (await import("./ssh-dialog")).SshDialog }));

interface SshViewProps {
  workspace: string;
  session: GitSession;
}

export function SshView({ workspace, session }: SshViewProps) {
  const view = useStore(session, (state) => state.view);
  if (view?.kind !== "ssh") return null;
  return (
    <Suspense>
      <SshDialog
        workspace={workspace}
        host={view.host}
        onClose={() => session.setState({ view: undefined })}
      />
    </Suspense>
  );
}

/** A conflict that is decided as a whole: a side that has deleted the file, one that is no text, a large one. */
import { useTranslation } from "react-i18next";
import { $api } from "@/api/client";
import { Button } from "@/components/ui/button";
import { Dialog, DialogFooter } from "@/components/ui/dialog";
import { shownPath } from "@/lib/shown-path";
import type { ConflictDialogProps } from "./conflict-dialog";
import type { GitResolution } from "./types";

const SIDES = ["ours", "base", "theirs"] as const;

export function WholeConflict(props: ConflictDialogProps & { hint: string }) {
  const { workspace, status, session, actions, onOpen, file, hint } = props;
  const { t } = useTranslation("git");
  const close = () => session.setState({ view: undefined });
  const resolve = (how: GitResolution) =>
    void actions.resolve([file], how).then((done) => done && close());
  return (
    <Dialog
      open
      onOpenChange={close}
      title={shownPath(file)}
      description={hint}
      className="sm:max-w-6xl"
    >
      <div className="grid min-h-40 flex-1 overflow-y-auto sm:grid-cols-3 sm:divide-x">
        {SIDES.map((side) => (
          <Side
            key={side}
            workspace={workspace}
            path={status.root}
            file={file}
            side={side}
            label={t(`conflict.${side}`)}
          />
        ))}
      </div>
      <DialogFooter>
        <Button
          variant="ghost"
          onClick={() => {
            close();
            onOpen(file);
          }}
        >
          {t("conflict.edit")}
        </Button>
        <Button onClick={() => resolve("marked")}>{t("conflict.markResolved")}</Button>
        <Button onClick={() => resolve("both")}>{t("conflict.takeBoth")}</Button>
        <Button onClick={() => resolve("ours")}>{t("conflict.takeOurs")}</Button>
        <Button onClick={() => resolve("theirs")}>{t("conflict.takeTheirs")}</Button>
      </DialogFooter>
    </Dialog>
  );
}

interface SideProps {
  workspace: string;
  path: string;
  file: string;
  side: (typeof SIDES)[number];
  label: string;
}

function Side({ workspace, path, file, side, label }: SideProps) {
  const { t } = useTranslation("git");
  const content = $api.useQuery("get", "/api/v1/workspaces/{workspace}/git/content", {
    params: { path: { workspace }, query: { path, file, source: side } },
  });
  const data = content.data;
  return (
    <section aria-label={label} className="min-w-0">
      <h3 className="sticky top-0 border-b bg-canvas px-2 py-1 font-medium text-ink-2 text-xs">
        {label}
      </h3>
      {data === undefined ? (
        <div aria-hidden className="skeleton m-2 h-3 w-1/2" />
      ) : !data.exists ? (
        <p className="p-2 text-ink-3 text-sm">{t("conflict.absent")}</p>
      ) : data.binary ? (
        <p className="p-2 text-ink-3 text-sm">{t("diff.binary")}</p>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: long lines are scrolled to, with keys, too.
        <pre dir="ltr" tabIndex={0} className="overflow-x-auto p-2 font-mono text-xs">
          {data.text}
        </pre>
      )}
    </section>
  );
}

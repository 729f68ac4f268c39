/** A conflict of texts, decided place by place. What is written replaces only the version that was read. */
import { useBlocker } from "@tanstack/react-router";
import { ChevronDown } from "lucide-react";
import { Suspense, useCallback, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { toast } from "sonner";
import { Button } from "@/components/ui/button";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import { Dialog, DialogFooter } from "@/components/ui/dialog";
import { Menu, MenuContent, MenuItem, MenuTrigger } from "@/components/ui/menu";
import { useErrorText } from "@/lib/error-text";
import type { MergeResult } from "@/lib/merge-view";
import { shownPath } from "@/lib/shown-path";
import type { ConflictDialogProps } from "./conflict-dialog";
import { readTree, type TextConflict, writeTree } from "./conflict-file";
import { draftOf, keepDraft } from "./drafts";

interface ConflictPanesProps extends ConflictDialogProps {
  conflict: TextConflict;
  hint: string;
  /** Gives up what was made of it for what is on disk now. */
  onReadAgain: () => void;
}

export function ConflictPanes(props: ConflictPanesProps) {
  const { workspace, status, session, actions, onOpen, file, conflict, hint, mergeView } = props;
  const { t } = useTranslation("git");
  const errorText = useErrorText();
  const of = { workspace, root: status.root, file };
  const [draft] = useState(() => draftOf(session, of));
  const result = useRef<MergeResult>(undefined);
  const [state, setState] = useState({ left: 1, dirty: false });
  const [busy, setBusy] = useState(false);
  /** The disk holds another version than the one that would be replaced. */
  const [moved, setMoved] = useState(false);
  const etag = useRef(draft?.etag ?? conflict.tree.etag);
  /** What is done instead of staying, once the person has said so. */
  const [leaving, setLeaving] = useState<() => void>();
  /** The person has said that what is not saved may go. */
  const discarded = useRef(false);
  const latest = useRef({ of, dirty: false });
  latest.current = { of, dirty: state.dirty };
  const isAtStake = () => latest.current.dirty && !discarded.current;

  // Whatever else takes the place of this dialog: the text is there when it is opened again.
  const resultRef = useCallback(
    (made: MergeResult | undefined) => {
      const { of, dirty } = latest.current;
      if (made === undefined && dirty && !discarded.current && result.current) {
        keepDraft(session, of, { text: result.current.text(), etag: etag.current });
      }
      result.current = made;
    },
    [session],
  );
  useEffect(() => keepDraft(session, latest.current.of, undefined), [session]);
  const onState = useCallback((told: typeof state) => {
    discarded.current = false;
    setState(told);
  }, []);
  const blocked = useBlocker({
    shouldBlockFn: isAtStake,
    enableBeforeUnload: isAtStake,
    withResolver: true,
  });

  const close = () => {
    discarded.current = true;
    session.setState({ view: undefined });
  };
  const leave = (then: () => void) => (state.dirty ? setLeaving(() => then) : then());
  /** False where it is not on disk, which was told. */
  const save = async (): Promise<boolean> => {
    const made = result.current;
    if (!made || !state.dirty) return made !== undefined;
    try {
      const written = await writeTree(of, made.text(), etag.current);
      setMoved(written === null);
      if (!written) return false;
      etag.current = written.etag;
      made.saved();
      return true;
    } catch (error) {
      toast.error(errorText(error));
      return false;
    }
  };
  const attempt = async (work: () => Promise<unknown>) => {
    setBusy(true);
    await work();
    setBusy(false);
  };
  const overwrite = async () => {
    try {
      const disk = await readTree(of);
      if (disk) etag.current = disk.etag;
      else toast.error(t("conflict.gone"));
      if (disk) await save();
    } catch (error) {
      toast.error(errorText(error));
    }
  };
  const resolve = async () => {
    if ((await save()) && (await actions.resolve([file], "marked"))) close();
  };
  const whole = (how: "ours" | "theirs" | "both") =>
    leave(() => void actions.resolve([file], how).then((done) => done && close()));

  const View = mergeView;
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && leave(close)}
      title={shownPath(file)}
      description={hint}
      className="sm:top-[4vh] sm:max-h-[92vh] sm:max-w-[min(1400px,96vw)]"
    >
      {moved ? (
        <div
          role="alert"
          className="flex flex-wrap items-center gap-2 border-b bg-warn-soft px-3 py-2"
        >
          <p className="min-w-48 flex-1 text-sm">{t("conflict.moved")}</p>
          <Button size="sm" onClick={() => leave(props.onReadAgain)}>
            {t("conflict.readAgain")}
          </Button>
          <Button size="sm" pending={busy} onClick={() => void attempt(overwrite)}>
            {t("conflict.overwrite")}
          </Button>
        </div>
      ) : null}
      <Suspense fallback={<div aria-hidden className="skeleton m-4 h-[60vh]" />}>
        <View
          path={file}
          texts={conflict.texts}
          start={draft?.text ?? conflict.tree.text}
          unsaved={draft !== undefined}
          words={{
            mine: t("conflict.ours"),
            base: t("conflict.base"),
            theirs: t("conflict.theirs"),
            takeMine: t("conflict.takeOurs"),
            takeTheirs: t("conflict.takeTheirs"),
            takeMineFirst: t("conflict.oursFirst"),
            takeTheirsFirst: t("conflict.theirsFirst"),
          }}
          onState={onState}
          resultRef={resultRef}
        />
      </Suspense>
      <DialogFooter>
        <Menu>
          <MenuTrigger asChild>
            <Button variant="ghost" className="me-auto">
              {t("conflict.whole.open")}
              <ChevronDown aria-hidden />
            </Button>
          </MenuTrigger>
          <MenuContent align="start">
            {(["ours", "theirs", "both"] as const).map((how) => (
              <MenuItem key={how} onSelect={() => whole(how)}>
                {t(`conflict.whole.${how}`)}
              </MenuItem>
            ))}
          </MenuContent>
        </Menu>
        <Button
          variant="ghost"
          onClick={() =>
            leave(() => {
              close();
              onOpen(file);
            })
          }
        >
          {t("openFile")}
        </Button>
        <Button
          pending={busy}
          disabledReason={state.dirty ? undefined : t("conflict.unchanged")}
          onClick={() => void attempt(save)}
        >
          {t("conflict.save")}
        </Button>
        <Button
          variant="primary"
          pending={busy}
          disabledReason={state.left === 0 ? undefined : t("conflict.undecided")}
          onClick={() => void attempt(resolve)}
        >
          {t("conflict.markResolved")}
        </Button>
      </DialogFooter>
      <ConfirmDialog
        open={leaving !== undefined || blocked.status === "blocked"}
        onOpenChange={(open) => {
          if (open) return;
          setLeaving(undefined);
          blocked.reset?.();
        }}
        title={t("conflict.leave.title")}
        description={t("conflict.leave.description", { file: shownPath(file) })}
        action={t("conflict.leave.action")}
        pending={false}
        onConfirm={() => {
          discarded.current = true;
          if (blocked.status === "blocked") blocked.proceed();
          else leaving?.();
          setLeaving(undefined);
        }}
      />
    </Dialog>
  );
}

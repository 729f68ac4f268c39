/** An interactive rebase: commits in their new order, and what happens to each. */
import { ArrowDown, ArrowUp } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { $api } from "@/api/client";
import { ErrorState } from "@/components/error-state";
import { Button } from "@/components/ui/button";
import { Dialog, DialogFooter } from "@/components/ui/dialog";
import { Input } from "@/components/ui/field";
import { IconButton } from "@/components/ui/icon-button";
import { Select } from "@/components/ui/select";
import type { GitDialogProps } from "./git-dialogs";
import { hasOrphan, moved, type TodoItem, todoOf, wireTodo } from "./todo";
import type { GitTodoAction } from "./types";

const ACTIONS: readonly GitTodoAction[] = ["pick", "reword", "edit", "squash", "fixup", "drop"];

export function RebaseDialog(props: GitDialogProps & { onto: string }) {
  const { workspace, status, session, actions, onto } = props;
  const { t } = useTranslation("git");
  const range = $api.useQuery("get", "/api/v1/workspaces/{workspace}/git/log", {
    params: { path: { workspace }, query: { path: status.root, limit: 500, since: onto } },
  });
  const [changed, setChanged] = useState<TodoItem[]>();
  const [dragged, setDragged] = useState<number>();
  // Merges cannot be picked: a rebase leaves them out.
  const items =
    changed ?? todoOf((range.data?.items ?? []).filter(({ parents }) => parents.length < 2));
  // The commit itself is the first that is moved.
  const from = /^([0-9a-f]{8})[0-9a-f]*\^$/.exec(onto)?.[1];
  const close = () => session.setState({ view: undefined });
  const set = (index: number, change: Partial<TodoItem>) =>
    setChanged(items.map((item, at) => (at === index ? { ...item, ...change } : item)));
  const refusal =
    items.length === 0
      ? t("rebase.nothing")
      : range.data?.next_cursor
        ? t("rebase.tooMany")
        : hasOrphan(items)
          ? t("rebase.orphan")
          : undefined;
  return (
    <Dialog
      open
      onOpenChange={close}
      title={from ? t("rebase.from", { commit: from }) : t("rebase.title", { name: onto })}
      description={t("rebase.hint")}
      className="sm:max-w-3xl"
    >
      <ol className="min-h-32 flex-1 overflow-y-auto p-2">
        {range.isError ? <ErrorState error={range.error} /> : null}
        {items.map((item, index) => {
          const { commit, action } = item;
          const takesMessage = action === "reword" || action === "squash";
          return (
            <li
              key={commit.id}
              draggable
              onDragStart={() => setDragged(index)}
              onDragOver={(event) => event.preventDefault()}
              onDrop={() => {
                if (dragged !== undefined) setChanged(moved(items, dragged, index - dragged));
                setDragged(undefined);
              }}
              className="flex flex-wrap items-center gap-1.5 rounded-sm p-1 hover:bg-hover"
            >
              <Select
                aria-label={t("rebase.action", { subject: commit.subject })}
                value={action}
                onChange={(event) => set(index, { action: event.target.value as GitTodoAction })}
              >
                {ACTIONS.map((one) => (
                  <option key={one} value={one}>
                    {t(`todo.${one}`)}
                  </option>
                ))}
              </Select>
              <code className="text-ink-3 text-xs">{commit.id.slice(0, 8)}</code>
              <bdi
                className={
                  action === "drop"
                    ? "min-w-0 flex-1 truncate text-ink-3 line-through"
                    : "min-w-0 flex-1 truncate"
                }
              >
                {commit.subject}
              </bdi>
              <IconButton
                label={t("rebase.up", { subject: commit.subject })}
                disabledReason={index === 0 ? t("rebase.atEnd") : undefined}
                onClick={() => setChanged(moved(items, index, -1))}
              >
                <ArrowUp />
              </IconButton>
              <IconButton
                label={t("rebase.down", { subject: commit.subject })}
                disabledReason={index === items.length - 1 ? t("rebase.atEnd") : undefined}
                onClick={() => setChanged(moved(items, index, 1))}
              >
                <ArrowDown />
              </IconButton>
              {takesMessage ? (
                <Input
                  className="basis-full"
                  aria-label={t("rebase.message", { subject: commit.subject })}
                  placeholder={t("rebase.message", { subject: commit.subject })}
                  value={item.message ?? (action === "reword" ? commit.subject : "")}
                  onChange={(event) => set(index, { message: event.target.value })}
                />
              ) : null}
            </li>
          );
        })}
        {range.data && items.length === 0 ? (
          <li className="p-2 text-ink-3">{t("rebase.nothing")}</li>
        ) : null}
      </ol>
      <DialogFooter>
        <Button
          variant="primary"
          disabledReason={refusal}
          onClick={() => {
            close();
            void actions.long("rebase", { onto, todo: wireTodo(items) });
          }}
        >
          {t("rebase.start")}
        </Button>
      </DialogFooter>
    </Dialog>
  );
}

import { useNavigate } from "@tanstack/react-router";
import { Command as Primitive } from "cmdk";
import { Search } from "lucide-react";
import { Dialog } from "radix-ui";
import { type KeyboardEvent, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useWorkspaceList } from "@/api/workspaces";
import {
  bySection,
  type Command,
  commandKeys,
  type ListedCommand,
  listCommands,
  type Section,
  useCommandStore,
} from "@/lib/commands";
import { useMembership } from "@/lib/session";
import { Kbd } from "../ui/kbd";
import { ranked } from "./palette-rank";

function Item({ command, onRun }: { command: Command; onRun: () => void }) {
  const keys = useCommandStore(({ bindings }) => commandKeys(command, bindings)[0]);
  return (
    <Primitive.Item
      value={command.id}
      disabled={command.disabledReason !== undefined}
      onSelect={onRun}
      className="flex min-h-8 pointer-coarse:min-h-10 cursor-default items-center justify-between gap-4 rounded-sm px-2 data-[selected=true]:bg-hover data-[disabled=true]:text-ink-3"
    >
      <span className="min-w-0 truncate">{command.title}</span>
      {command.disabledReason ? (
        <span className="truncate text-xs">{command.disabledReason}</span>
      ) : keys ? (
        <Kbd shortcut={keys} />
      ) : null}
    </Primitive.Item>
  );
}

/** Before all that is registered. */
const FIRST = 0;

/** A way into each workspace, from every page. */
function useOpenCommands(): ListedCommand[] {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { organization_id } = useMembership();
  const { workspaces } = useWorkspaceList(organization_id);
  return workspaces.map(({ id, name }) => ({
    // The dashboard's cards register the same.
    id: `workspace.open.${id}`,
    title: t("palette.openWorkspace", { name }),
    section: "workspaces",
    run: () => void navigate({ to: "/workspaces/$workspaceId", params: { workspaceId: id } }),
  }));
}

/** The keys by which a person moves to another entry (cmdk). */
const MOVES = /^(Arrow(Up|Down)|Home|End)$/;
const MOVES_WITH_CONTROL = /^[njpk]$/;

/**
 * Which entry Enter runs: the first, also when others come to stand before it (workspaces arrive after the palette has
 * opened), until the person moves to another.
 */
function useChosen(shown: readonly Command[]) {
  const moved = useRef(false);
  const [chosen, setChosen] = useState<string>();
  const usable = shown.filter(({ disabledReason }) => disabledReason === undefined);
  const kept = usable.find(({ id }) => id === chosen) ?? usable[0];
  return {
    restart: () => {
      moved.current = false;
      setChosen(undefined);
    },
    root: {
      value: kept?.id ?? "",
      // cmdk tells of its own choices, too.
      onValueChange: (id: string) => moved.current && setChosen(id),
      onKeyDown: ({ key, ctrlKey }: KeyboardEvent) => {
        if (MOVES.test(key) || (ctrlKey && MOVES_WITH_CONTROL.test(key))) moved.current = true;
      },
      onPointerMoveCapture: () => {
        moved.current = true;
      },
    },
  };
}

/** Finds and runs any action by its name. */
export function CommandPalette() {
  const { t } = useTranslation();
  const { groups, setOverlay } = useCommandStore();
  const [search, setSearch] = useState("");
  const workspaces = useOpenCommands();
  const commands = listCommands(new Map([[FIRST, workspaces], ...groups])).filter(
    // It is open.
    ({ id }) => id !== "palette.open",
  );
  const sections = bySection(commands);
  const heading = (section: Section) => t(`section.${section}`);
  const inOrder = sections.flatMap(([, members]) => members);
  const found = search.trim() === "" ? undefined : ranked(inOrder, search, heading);
  const { root, restart } = useChosen(found ?? inOrder);
  const run = (command: Command) => {
    setOverlay(undefined);
    // After the dialog has given the focus back, so that the action can take it.
    requestAnimationFrame(() => command.run());
  };
  return (
    <Dialog.Root open onOpenChange={(open) => !open && setOverlay(undefined)}>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-50 animate-fade-in bg-overlay" />
        <Dialog.Content
          aria-describedby={undefined}
          className="fixed inset-x-4 top-[12vh] z-50 mx-auto max-w-xl animate-rise-in overflow-hidden rounded-md border border-line bg-raised shadow-(--shadow-raised)"
        >
          <Dialog.Title className="sr-only">{t("palette.title")}</Dialog.Title>
          <Primitive label={t("palette.title")} shouldFilter={false} loop {...root}>
            <div className="flex items-center gap-2 border-b px-3">
              <Search className="size-4 shrink-0 text-ink-3" aria-hidden />
              <Primitive.Input
                value={search}
                onValueChange={(typed) => {
                  restart();
                  setSearch(typed);
                }}
                placeholder={t("palette.placeholder")}
                className="h-11 flex-1 bg-transparent text-base outline-none placeholder:text-ink-3"
              />
            </div>
            <Primitive.Empty className="p-4 text-ink-2">{t("palette.empty")}</Primitive.Empty>
            <Primitive.List label={t("palette.title")} className="max-h-[50vh] overflow-y-auto p-1">
              {found
                ? found.map((command) => (
                    <Item key={command.id} command={command} onRun={() => run(command)} />
                  ))
                : sections.map(([section, members]) => (
                    <Primitive.Group
                      key={section}
                      heading={heading(section)}
                      className="[&_[cmdk-group-heading]]:px-2 [&_[cmdk-group-heading]]:pt-2 [&_[cmdk-group-heading]]:pb-1 [&_[cmdk-group-heading]]:text-ink-3 [&_[cmdk-group-heading]]:text-xs"
                    >
                      {members.map((command) => (
                        <Item key={command.id} command={command} onRun={() => run(command)} />
                      ))}
                    </Primitive.Group>
                  ))}
            </Primitive.List>
          </Primitive>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

/** The tab bar of one group. */
import { Binary, BookOpenText, GitCompareArrows, Pin } from "lucide-react";
import { type DragEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { toast } from "sonner";
import { pathForPeople } from "@/api/agent";
import { TabStrip } from "@/components/tab-strip";
import { cn } from "@/lib/cn";
import { isDirty } from "../document";
import type { FileContent } from "../openFile";
import type { EditorSession } from "../session";
import { carriesTab, droppedTab, startDrag } from "./drag";
import { type FileOrders, TabMenu, type TabOrder } from "./tab-menu";
import { isPinned, type TabLabel, type Tabs, tabLabels } from "./tabs";
import { openPaths, pathOf, type TabView, viewOf } from "./views";

interface GroupTabsProps {
  workspace: string;
  group: string;
  tabs: Tabs;
  contents: Readonly<Record<string, FileContent>>;
  session: EditorSession;
  /** More orders for a tab of a file, from other features. */
  fileOrders: FileOrders | undefined;
  /** Asks first where edits would be lost. */
  onClose: (key: string) => void;
}

export function GroupTabs(props: GroupTabsProps) {
  const { workspace, group, tabs, contents, session, fileOrders, onClose } = props;
  const { t } = useTranslation(["editor", "workbench"]);
  const [over, setOver] = useState<string>();
  const labels = tabLabels(tabs.order);

  const orders = (key: string): TabOrder[] => {
    const path = pathOf(key);
    return [
      { id: "close", title: t("tab.close"), run: () => onClose(key) },
      {
        id: "others",
        title: t("tab.closeOthers"),
        run: () => session.closeMany(key, "others", group),
      },
      {
        id: "right",
        title: t("tab.closeRight"),
        run: () => session.closeMany(key, "right", group),
      },
      {
        id: "saved",
        title: t("tab.closeSaved"),
        run: () => session.closeMany(key, "saved", group),
      },
      {
        id: "pin",
        apart: true,
        title: t(isPinned(tabs, key) ? "tab.unpin" : "tab.pin"),
        run: () => session.togglePin(key, group),
      },
      ...(tabs.preview === key
        ? [{ id: "keep", title: t("tab.keep"), run: () => session.keep(key, group) }]
        : []),
      {
        id: "end",
        apart: true,
        title: t("tab.splitEnd"),
        run: () => session.splitWith(key, group, group, "end"),
      },
      {
        id: "below",
        title: t("tab.splitBelow"),
        run: () => session.splitWith(key, group, group, "below"),
      },
      {
        id: "copy",
        apart: true,
        title: t("tab.copyPath"),
        disabled: path === undefined,
        run: () => {
          // Without TLS the browser has no clipboard for pages.
          if (!navigator.clipboard) toast.error(t("files.noClipboard", { ns: "workbench" }));
          else void navigator.clipboard.writeText(pathForPeople(workspace, path ?? ""));
        },
      },
      ...(path === undefined ? [] : (fileOrders?.(path) ?? [])),
    ];
  };
  const drop = (event: DragEvent, index: number) => {
    if (!carriesTab(event)) return;
    event.preventDefault();
    setOver(undefined);
    const tab = droppedTab(event);
    if (!tab) return;
    if (tab.group === undefined) session.open(tab.key, { group });
    session.place(tab.key, tab.group ?? group, group, index);
  };

  return (
    <TabMenu orders={orders}>
      {/** biome-ignore lint/a11y/noStaticElementInteractions: a place to drop; moving by keys is the tabs' own. */}
      <div
        className="flex min-w-0 flex-1 self-stretch"
        onDragOver={(event) => carriesTab(event) && event.preventDefault()}
        onDrop={(event) => drop(event, tabs.order.length)}
      >
        <TabStrip
          label={t("tab.list")}
          active={tabs.active}
          closeTitle={(tab) => t("tab.closeNamed", { name: tab.name })}
          onSelect={(key) =>
            session.openView(viewOf(key), { group, preview: key === tabs.preview })
          }
          onClose={onClose}
          onRename={(key) => session.keep(key, group)}
          onShift={(key, by) => session.shift(key, by, group)}
          tabs={tabs.order.map((key, index) => {
            const path = pathOf(key);
            const marks = marksOf(key, contents);
            return {
              id: key,
              name: fullName(key, labels.get(key), t),
              title: path === undefined ? undefined : pathForPeople(workspace, path),
              controls: `editor-view-${group}`,
              icon: tabIcon(viewOf(key), isPinned(tabs, key)),
              label: (
                <TabText
                  name={labels.get(key)?.name ?? ""}
                  hint={labels.get(key)?.hint}
                  gone={marks.gone}
                  preview={key === tabs.preview}
                  unsaved={marks.dirty ? t("tab.unsaved") : undefined}
                />
              ),
              mark: marks.dirty ? (
                <span title={t("tab.unsaved")} className="block size-2 rounded-full bg-ink-2" />
              ) : undefined,
              dom: {
                draggable: true,
                "data-tab-key": key,
                "data-drop": over === key ? ("before" as const) : undefined,
                onDragStart: (event: DragEvent) => startDrag(event, { key, group }),
                onDragOver: (event: DragEvent) => {
                  if (!carriesTab(event)) return;
                  event.preventDefault();
                  setOver(key);
                },
                onDragLeave: () => setOver(undefined),
                onDrop: (event: DragEvent) => {
                  event.stopPropagation();
                  drop(event, index);
                },
              },
            };
          })}
        />
      </div>
    </TabMenu>
  );
}

/** Comparisons and renderings are named as such, for those who do not see their icon. */
function fullName(
  key: string,
  label: TabLabel | undefined,
  t: ReturnType<typeof useTranslation<["editor", "workbench"]>>["t"],
): string {
  const name = label?.name ?? key;
  const { kind } = viewOf(key);
  return kind === "file" ? name : t(`tab.kind.${kind}`, { name });
}

function tabIcon({ kind }: TabView, pinned: boolean) {
  const Icon = { file: undefined, markdown: BookOpenText, hex: Binary, diff: GitCompareArrows }[
    kind
  ];
  return (
    <>
      {pinned ? <Pin className="size-3 shrink-0 text-ink-3" aria-hidden /> : null}
      {Icon ? <Icon className="size-3.5 shrink-0 text-ink-3" aria-hidden /> : null}
    </>
  );
}

/** What is known of the files behind a tab. */
function marksOf(key: string, contents: GroupTabsProps["contents"]) {
  const all = openPaths(key).map((path) => contents[path]);
  const documents = all.map((content) => (content?.kind === "text" ? content.document : undefined));
  return {
    dirty: documents.some((document) => document !== undefined && isDirty(document)),
    gone:
      documents.some((document) => document?.disk.kind === "deleted") ||
      all.some((content) => content?.kind === "absent"),
  };
}

interface TabTextProps {
  name: string;
  hint: string | undefined;
  gone: boolean;
  preview: boolean;
  /** Said after the name. */
  unsaved: string | undefined;
}

function TabText({ name, hint, gone, preview, unsaved }: TabTextProps) {
  return (
    <>
      <bdi dir="ltr" className={cn(gone && "line-through", preview && "italic")}>
        {name}
      </bdi>
      {hint ? (
        <bdi dir="ltr" className="ms-1.5 text-ink-3 text-xs">
          {hint}
        </bdi>
      ) : null}
      {unsaved ? <span className="sr-only">{unsaved}</span> : null}
    </>
  );
}

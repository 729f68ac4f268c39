import { useVirtualizer } from "@tanstack/react-virtual";
import { type KeyboardEvent, useCallback, useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import type { Node } from "@/api/types";
import { ServerRow } from "./server-row";

/** Pixels, as `server-row.tsx` draws them: one line on a desk, a small card below Tailwind's `md`. */
const ROW_PX = { wide: 44, narrow: 92 };

/** The columns of a desk; narrower ones give way. */
export const COLUMNS =
  "md:grid-cols-[minmax(8rem,1.4fr)_minmax(7rem,1fr)_10rem_minmax(6rem,1.2fr)_2rem] lg:grid-cols-[minmax(9rem,1.4fr)_8.5rem_10rem_minmax(6rem,1.2fr)_8rem_6.5rem_2rem] xl:grid-cols-[minmax(14rem,1.6fr)_8.5rem_10rem_minmax(7rem,1.2fr)_8rem_8rem_6.5rem_2rem] 2xl:grid-cols-[minmax(14rem,1.6fr)_8.5rem_10rem_minmax(7rem,1.2fr)_4.5rem_8rem_8rem_6.5rem_2rem]";

interface ServersTableProps {
  nodes: readonly Node[];
  wide: boolean;
  /** There are more than these. */
  more: boolean;
  onMore: () => void;
  onLabel: (label: string) => void;
}

/** Thousands of servers: only the rows in sight are in the page; more are read as they come near. */
export function ServersTable({ nodes, wide, more, onMore, onLabel }: ServersTableProps) {
  const { t } = useTranslation("servers");
  const scroller = useRef<HTMLDivElement>(null);
  const rowPx = wide ? ROW_PX.wide : ROW_PX.narrow;
  const virtual = useVirtualizer({
    count: nodes.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowPx,
    getItemKey: useCallback((index: number) => nodes[index]?.id ?? index, [nodes]),
    overscan: 10,
    // The sticky heading stands above the first row.
    scrollPaddingStart: wide ? 40 : 0,
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: another width has other rows.
  useEffect(() => virtual.measure(), [rowPx]);

  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  const near = more && last >= nodes.length - 20;
  useEffect(() => {
    if (near) onMore();
  }, [near, onMore]);

  /** Up and down lead from name to name. */
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const row = (event.target as Element).closest<HTMLElement>("[data-index]");
    if (step === undefined || !row || !(event.target as Element).matches("a")) return;
    event.preventDefault();
    const index = Number(row.dataset.index) + step;
    if (index < 0 || index >= nodes.length) return;
    virtual.scrollToIndex(index);
    requestAnimationFrame(() =>
      scroller.current?.querySelector<HTMLElement>(`[data-index="${index}"] a`)?.focus(),
    );
  };

  return (
    <div ref={scroller} className="min-h-0 flex-initial overflow-y-auto rounded-md border">
      {/* Rows are placed by the virtualizer, so the table's parts are blocks; they stay a table. */}
      <table
        aria-label={t("table.label")}
        aria-rowcount={more ? -1 : nodes.length + 1}
        className="block"
      >
        <thead className="sticky top-0 z-10 block border-b bg-surface max-md:sr-only">
          <tr
            aria-rowindex={1}
            className={`grid items-center gap-3 px-3 py-2 text-ink-3 text-xs ${COLUMNS}`}
          >
            <Header name={t("table.name")} />
            <Header name={t("table.state")} />
            <Header name={t("table.usage")} />
            <Header name={t("table.labels")} />
            <Header name={t("table.version")} className="max-2xl:hidden" />
            <Header name={t("table.size")} className="max-lg:hidden" />
            <Header name={t("table.address")} className="max-xl:hidden" />
            <Header name={t("table.seen")} className="max-lg:hidden" />
            <th scope="col">
              <span className="sr-only">{t("table.actions")}</span>
            </th>
          </tr>
        </thead>
        <tbody
          className="relative block"
          style={{ height: virtual.getTotalSize() }}
          onKeyDown={onKeyDown}
        >
          {items.map(({ key, index, start, size }) => {
            const node = nodes[index];
            return node ? (
              <ServerRow
                key={key}
                node={node}
                index={index}
                start={start}
                size={size}
                onLabel={onLabel}
              />
            ) : null;
          })}
        </tbody>
      </table>
    </div>
  );
}

function Header({ name, className = "" }: { name: string; className?: string }) {
  return (
    <th scope="col" className={`truncate text-start font-medium ${className}`}>
      {name}
    </th>
  );
}

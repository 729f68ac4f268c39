/** The menu of a tab. */
import { ContextMenu } from "radix-ui";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { useHome } from "@/components/ui/home";
import { Kbd } from "@/components/ui/kbd";

/** One order of the menu. */
export interface TabOrder {
  id: string;
  title: string;
  shortcut?: string | undefined;
  disabled?: boolean;
  /** A line stands above it. */
  apart?: boolean;
  run: () => void;
}

/** The orders for a tab of the file at that path. */
export type FileOrders = (path: string) => TabOrder[];

interface TabMenuProps {
  /** The orders for the tab of that key. */
  orders: (key: string) => TabOrder[];
  children: ReactNode;
}

export function TabMenu({ orders, children }: TabMenuProps) {
  const { t } = useTranslation("editor");
  const { mark, home } = useHome();
  const [key, setKey] = useState<string>();
  return (
    <ContextMenu.Root modal={false}>
      <ContextMenu.Trigger
        className="flex min-w-0 flex-1 self-stretch"
        onContextMenu={(event) => {
          const tab = (event.target as Element).closest("[data-tab-key]");
          const found = tab?.getAttribute("data-tab-key") ?? undefined;
          setKey(found);
          if (found === undefined) event.preventDefault();
        }}
      >
        {children}
      </ContextMenu.Trigger>
      {mark}
      {key === undefined ? null : (
        <ContextMenu.Portal container={home}>
          <ContextMenu.Content
            collisionPadding={8}
            aria-label={t("tab.menu")}
            className="z-50 min-w-[min(--spacing(52),var(--radix-context-menu-content-available-width))] max-w-(--radix-context-menu-content-available-width) animate-fade-in rounded-md border border-line bg-raised p-1 shadow-(--shadow-raised)"
          >
            {orders(key).map((order) => (
              <div key={order.id} role="none">
                {order.apart ? <ContextMenu.Separator className="-mx-1 my-1 h-px bg-line" /> : null}
                <ContextMenu.Item
                  disabled={order.disabled ?? false}
                  onSelect={order.run}
                  className="flex min-h-8 cursor-default select-none items-center justify-between gap-6 rounded-sm px-2 outline-none data-[highlighted]:bg-hover data-[disabled]:opacity-50"
                >
                  {order.title}
                  {order.shortcut ? <Kbd shortcut={order.shortcut} /> : null}
                </ContextMenu.Item>
              </div>
            ))}
          </ContextMenu.Content>
        </ContextMenu.Portal>
      )}
    </ContextMenu.Root>
  );
}

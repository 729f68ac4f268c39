/** The groups where they stand, with borders between them; a phone shows the active one alone. */
import { Fragment, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { cn } from "@/lib/cn";
import type { GroupNode } from "./groups";
import { groupIds } from "./groups";
import { ShareSplitter } from "./share-splitter";

interface GroupLayoutProps {
  node: GroupNode;
  active: string;
  /** The children's places that lead to `node`. */
  path?: readonly number[];
  onResize: (path: readonly number[], shares: readonly number[]) => void;
  children: (id: string) => ReactNode;
}

export function GroupLayout({ node, active, path = [], onResize, children }: GroupLayoutProps) {
  const { t } = useTranslation("editor");
  if (node.kind === "group") return children(node.id);
  return (
    <div className={cn("flex h-full min-h-0", node.axis === "block" && "flex-col")}>
      {node.children.map((child, index) => (
        <Fragment key={groupIds(child).join(" ")}>
          {index > 0 ? (
            <ShareSplitter
              label={t("group.resize")}
              axis={node.axis}
              shares={node.shares}
              index={index - 1}
              onShares={(shares) => onResize(path, shares)}
            />
          ) : null}
          <div
            className={cn(
              "min-h-0 min-w-0 max-md:flex-1!",
              !groupIds(child).includes(active) && "max-md:hidden",
            )}
            style={{ flex: `${node.shares[index]} 1 0` }}
          >
            <GroupLayout node={child} active={active} path={[...path, index]} onResize={onResize}>
              {children}
            </GroupLayout>
          </div>
        </Fragment>
      ))}
    </div>
  );
}

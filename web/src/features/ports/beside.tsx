/** A preview beside what it is a preview of; on phones, in its place. */
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { Splitter } from "@/components/splitter";
import { PreviewPanel } from "./preview-panel";
import { usePreviews } from "./preview-store";
import type { PortActions } from "./use-ports";

/** In pixels. */
const WIDTH = { min: 240, max: 2400, initial: 520 };

interface BesideProps {
  workspace: string;
  actions: PortActions;
  children: ReactNode;
}

export function PreviewBeside({ workspace, actions, children }: BesideProps) {
  const { t } = useTranslation("ports");
  const preview = usePreviews(({ open }) => open[workspace]);
  const [width, setWidth] = useState(WIDTH.initial);
  return (
    <div className="flex h-full min-w-0">
      <div className={preview ? "min-w-0 flex-1 max-md:hidden" : "min-w-0 flex-1"}>{children}</div>
      {preview ? (
        <>
          <Splitter
            label={t("resize")}
            axis="inline"
            of="after"
            size={width}
            {...WIDTH}
            onSize={setWidth}
          />
          <div
            className="min-w-0 max-md:flex-1 md:w-(--preview-width) md:max-w-[75%] md:shrink-0"
            style={{ "--preview-width": `${width}px` } as React.CSSProperties}
          >
            <PreviewPanel workspace={workspace} preview={preview} actions={actions} />
          </div>
        </>
      ) : null}
    </div>
  );
}

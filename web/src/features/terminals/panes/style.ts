import type { CSSProperties } from "react";
import type { Place } from "./tree";

/** The height of a strip of tabs, in pixels. */
export const STRIP_PX = 36;

/** A place in the panel as CSS. */
export function styleOf({ start, top, width, height }: Place): CSSProperties {
  const percent = (share: number) => `${(share * 100).toFixed(3)}%`;
  return {
    insetInlineStart: percent(start),
    top: percent(top),
    width: percent(width),
    height: percent(height),
  };
}

import { type ReactNode, useState } from "react";

interface Home {
  /** To be rendered where what floats comes from: an element that is not seen. */
  mark: ReactNode;
  /** Where it belongs in the document; absent until the mark is there. */
  home: HTMLElement | undefined;
}

/**
 * The part of the page that a menu belongs to, and is put into, as everything on a page stands in a landmark: the
 * dialog or the page's main part, or else the bar that it opens from.
 */
export function useHome(): Home {
  const [mark, setMark] = useState<HTMLElement | null>(null);
  return {
    mark: <span ref={setMark} hidden />,
    home: mark
      ? (mark.closest<HTMLElement>("[role=dialog], [role=alertdialog], main") ??
        mark.closest<HTMLElement>("header, nav, aside, footer, section") ??
        document.body)
      : undefined,
  };
}

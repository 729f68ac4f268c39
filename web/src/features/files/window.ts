/** Which rows of a long list are in sight: all are of one height, so nothing has to be measured. */
import { type RefObject, useCallback, useEffect, useState } from "react";

/** Rows drawn beyond the edges, so that a fast scroll finds some. */
const OVERSCAN = 12;

interface RowWindow {
  first: number;
  /** Behind the last one. */
  end: number;
  /** Brings a row to sight. */
  reveal: (index: number) => void;
}

/** Follows the scroller for as long as it is shown. */
export function useRowWindow(
  scroller: RefObject<HTMLElement | null>,
  count: number,
  rowHeight: number,
): RowWindow {
  const [range, setRange] = useState({ first: 0, span: 1 });
  useEffect(() => {
    const element = scroller.current;
    if (!element) return;
    const measure = () => {
      const first = Math.max(0, Math.floor(element.scrollTop / rowHeight) - OVERSCAN);
      const span = Math.ceil(element.clientHeight / rowHeight) + 2 * OVERSCAN;
      setRange((before) =>
        before.first === first && before.span === span ? before : { first, span },
      );
    };
    measure();
    element.addEventListener("scroll", measure, { passive: true });
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => {
      element.removeEventListener("scroll", measure);
      observer.disconnect();
    };
  }, [scroller, rowHeight]);
  const reveal = useCallback(
    (index: number) => {
      const element = scroller.current;
      if (!element || index < 0) return;
      const top = index * rowHeight;
      if (top < element.scrollTop) element.scrollTop = top;
      else if (top + 2 * rowHeight > element.scrollTop + element.clientHeight) {
        element.scrollTop = top + 2 * rowHeight - element.clientHeight;
      }
    },
    [scroller, rowHeight],
  );
  const { first, span } = range;
  return { first, end: Math.min(count, first + span), reveal };
}

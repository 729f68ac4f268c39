/**
 * What the on-screen keyboard leaves of the page. Chrome and Firefox shrink the page by themselves
 * (`interactive-widget` in index.html); Safari lays the keyboard over it and tells only the visual
 * viewport (CSSOM View, `VisualViewport`).
 */

/** No browser bar is that high, in pixels; every keyboard is higher. */
const KEYBOARD_MIN_PX = 140;

/** The tallest that the page has been in this orientation, in pixels: what it is without a keyboard. */
let tallest = { width: 0, height: 0 };

interface Viewport {
  /** The width of the page, by which a turned device is told from an opened keyboard. */
  width: number;
  /** The height that is to be seen. */
  height: number;
  /** How far a person has zoomed in: then less is seen without any keyboard. */
  scale: number;
}

/** Whether a keyboard takes its part of the page. */
export function hasKeyboard({ width, height, scale }: Viewport): boolean {
  if (scale > 1.01) return false;
  if (width !== tallest.width || height > tallest.height) tallest = { width, height };
  return tallest.height - height >= KEYBOARD_MIN_PX;
}

/** Keeps `--viewport-height` and `data-typing` on the root; the returned function ends it. */
export function followViewport(): () => void {
  const viewport = window.visualViewport;
  const touch = window.matchMedia("(pointer: coarse)").matches;
  if (!viewport || !touch) return () => {};
  const root = document.documentElement;
  const update = () => {
    const { height, scale } = viewport;
    const typing = hasKeyboard({ width: window.innerWidth, height, scale });
    root.toggleAttribute("data-typing", typing);
    if (typing) root.style.setProperty("--viewport-height", `${height}px`);
    else root.style.removeProperty("--viewport-height");
    // Safari scrolls the page to show the field; with the page as high as what is seen, nothing need move.
    if (typing) window.scrollTo(0, 0);
  };
  update();
  viewport.addEventListener("resize", update);
  return () => viewport.removeEventListener("resize", update);
}

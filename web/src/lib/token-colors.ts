/**
 * The tokens' colours as they are now, for parts that do not paint with CSS (Monaco, xterm). A
 * custom property holds `light-dark(…)` unresolved; only a real property of an element resolves it.
 */
export function tokenColors<Name extends string>(names: readonly Name[]): Record<Name, string> {
  const probe = document.createElement("span");
  probe.hidden = true;
  document.body.append(probe);
  const entries = names.map((name) => {
    probe.style.color = `var(--${name})`;
    return [name, hex(getComputedStyle(probe).color)] as const;
  });
  probe.remove();
  return Object.fromEntries(entries) as Record<Name, string>;
}

/** `rgb(r g b)` as `#rrggbb`, the only form that Monaco takes. */
function hex(color: string): string {
  const parts = color.match(/[\d.]+/g)?.slice(0, 3) ?? [];
  if (parts.length < 3) return "#808080";
  return `#${parts.map((part) => Math.round(Number(part)).toString(16).padStart(2, "0")).join("")}`;
}

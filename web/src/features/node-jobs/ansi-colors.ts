/** The sixteen colours of ANSI, dark enough on the light ground and light enough on the dark one. */
const LIGHT = [
  "#15201f",
  "#b1251d",
  "#17703b",
  "#855200",
  "#1d5aa6",
  "#8a2f86",
  "#0f6461",
  "#606d6b",
  "#4d5b59",
  "#c73a31",
  "#1f8548",
  "#9a6200",
  "#2a6cc0",
  "#a0459b",
  "#137a75",
  "#343f3e",
];
const DARK = [
  "#8b9795",
  "#f2918a",
  "#58c481",
  "#e2ab45",
  "#86b6f1",
  "#d9a0dc",
  "#56c2b8",
  "#c9d3d1",
  "#8b9795",
  "#ffaca6",
  "#7bdb9e",
  "#f3c46d",
  "#a9cdfb",
  "#ebbdee",
  "#7fdad1",
  "#f4f8f7",
];

/** A colour of letters for CSS; one that the command mixed itself is brought nearer to the ink, to be read. */
export function inkColor(value: number | string): string {
  return typeof value === "string"
    ? `color-mix(in oklab, ${value} 50%, var(--ink))`
    : ansiColor(value);
}

/** A colour for CSS. */
export function ansiColor(value: number | string): string {
  return typeof value === "string"
    ? value
    : `light-dark(${LIGHT[value] ?? "inherit"}, ${DARK[value] ?? "inherit"})`;
}

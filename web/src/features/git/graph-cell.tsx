/** The part of the graph that stands before one commit. */
import type { LaneRow } from "./lanes";

/** Pixels between lanes. */
const LANE = 12;

/** How many lanes are drawn; what lies beyond is at the edge. */
const LANES_MAX = 16;

const COLORS = 8;

const stroke = (color: number) => `var(--chart-${(color % COLORS) + 1})`;
const x = (lane: number) => Math.min(lane, LANES_MAX) * LANE + LANE / 2;

export function GraphCell({ row, height }: { row: LaneRow; height: number }) {
  const width = Math.min(row.width, LANES_MAX + 1) * LANE;
  const middle = height / 2;
  return (
    <svg aria-hidden="true" width={width} height={height} className="shrink-0 rtl:-scale-x-100">
      {row.above.map(({ from, to, color }) => (
        <path
          key={`a${from}-${to}`}
          d={`M${x(from)} 0 L${x(to)} ${middle}`}
          stroke={stroke(color)}
          strokeWidth={1.5}
          fill="none"
        />
      ))}
      {row.below.map(({ from, to, color }) => (
        <path
          key={`b${from}-${to}-${color}`}
          d={`M${x(from)} ${middle} L${x(to)} ${height}`}
          stroke={stroke(color)}
          strokeWidth={1.5}
          fill="none"
        />
      ))}
      <circle cx={x(row.lane)} cy={middle} r={3.5} fill={stroke(row.color)} />
    </svg>
  );
}

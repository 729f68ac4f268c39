/**
 * Where the lines of a log's graph run. Commits come newest first; each takes the lane that a child has
 * kept for it, or a new one at the first free place, and passes its lane on to its first parent. Pure, and
 * page by page: what is drawn stays where it is when more commits come.
 */

/** A line in the height of one row, from a lane at its upper edge to one at its lower edge. */
interface Edge {
  from: number;
  to: number;
  /** Which of the colours: the lane that the line belongs to. */
  color: number;
}

export interface LaneRow {
  /** The lane of the commit's dot. */
  lane: number;
  color: number;
  /** Lines that reach the dot from above, or go by it. */
  above: Edge[];
  /** Lines that leave the dot downwards, or go by it. */
  below: Edge[];
  /** How many lanes the row needs. */
  width: number;
}

interface Lane {
  /** The commit that is waited for. */
  commit: string;
  color: number;
}

/** What is known after the last row; the next page goes on from it. */
export interface LaneState {
  lanes: readonly (Lane | undefined)[];
  colors: number;
}

const NO_LANES: LaneState = { lanes: [], colors: 0 };

/** The rows of some commits, and the state after them. */
export function layOut(
  commits: readonly { id: string; parents: readonly string[] }[],
  before: LaneState = NO_LANES,
): { rows: LaneRow[]; state: LaneState } {
  let lanes: (Lane | undefined)[] = [...before.lanes];
  let colors = before.colors;
  const rows = commits.map(({ id, parents }): LaneRow => {
    const waiting = lanes.flatMap((lane, index) => (lane?.commit === id ? [index] : []));
    const lane = waiting[0] ?? free(lanes);
    const color = lanes[lane]?.color ?? colors++;
    const above = lanes.flatMap((other, index): Edge[] =>
      other ? [{ from: index, to: other.commit === id ? lane : index, color: other.color }] : [],
    );
    const next = lanes.map((other) => (other?.commit === id ? undefined : other));
    const passing = next.flatMap((other, index): Edge[] =>
      other ? [{ from: index, to: index, color: other.color }] : [],
    );
    const leaving = parents.map((parent, index): Edge => {
      // Merged ones join a lane that is there already; the first one's goes on until the commit itself.
      const known = index === 0 ? -1 : next.findIndex((other) => other?.commit === parent);
      if (known >= 0) return { from: lane, to: known, color: next[known]?.color ?? color };
      const to = index === 0 ? lane : free(next);
      const its = index === 0 ? color : colors++;
      next[to] = { commit: parent, color: its };
      return { from: lane, to, color: its };
    });
    const width = Math.max(lanes.length, next.length, lane + 1);
    while (next.length > 0 && next.at(-1) === undefined) next.pop();
    lanes = next;
    return { lane, color, above, below: [...passing, ...leaving], width };
  });
  return { rows, state: { lanes, colors } };
}

function free(lanes: readonly (Lane | undefined)[]): number {
  const gap = lanes.indexOf(undefined);
  return gap < 0 ? lanes.length : gap;
}

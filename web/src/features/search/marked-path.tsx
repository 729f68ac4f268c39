import { shownPath } from "@/lib/shown-path";

interface MarkedPathProps {
  path: string;
  /** Which characters were looked for, in UTF-16 code units. */
  positions: readonly number[];
}

/** A path, its name first, with the characters that were looked for. */
export function MarkedPath({ path, positions }: MarkedPathProps) {
  const shown = shownPath(path);
  // Escaped bytes are shown shorter than they are counted.
  const marked = shown === path ? positions : [];
  const name = shown.lastIndexOf("/") + 1;
  return (
    <span className="flex min-w-0 items-baseline gap-2" title={shown}>
      <bdi dir="ltr" className="max-w-full shrink-0 truncate">
        <Marked text={shown.slice(name)} positions={marked} from={name} />
      </bdi>
      {name > 0 ? (
        <bdi dir="ltr" className="min-w-0 truncate text-ink-3 text-xs">
          <Marked text={shown.slice(0, name - 1)} positions={marked} from={0} />
        </bdi>
      ) : null}
    </span>
  );
}

/** A text that begins at `from`, with those of its characters that are marked. */
function Marked(props: { text: string; positions: readonly number[]; from: number }) {
  const { text, positions, from } = props;
  const runs: { text: string; marked: boolean; at: number }[] = [];
  let at = from;
  for (const character of text) {
    const marked = positions.includes(at);
    const last = runs.at(-1);
    if (last?.marked === marked) last.text += character;
    else runs.push({ text: character, marked, at });
    at += character.length;
  }
  return runs.map((run) =>
    run.marked ? (
      <b key={run.at} className="font-semibold text-accent-text">
        {run.text}
      </b>
    ) : (
      <span key={run.at}>{run.text}</span>
    ),
  );
}

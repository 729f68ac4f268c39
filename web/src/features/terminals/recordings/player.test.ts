import { describe, expect, it } from "vitest";
import { parseCast, withIdleLimit } from "./cast";
import { Player } from "./player";

const TEXT = [
  '{"version":2,"width":80,"height":24,"title":"build"}',
  '[0.0,"o","a"]',
  '[1.0,"o","b"]',
  '[1.5,"r","100x30"]',
  '[1.5,"i","typed"]',
  '[11.5,"o","c"]',
  '[12.0,"m","ended: stopped"]',
  '[13.0,"o","cu',
].join("\n");

function played() {
  const cast = parseCast(TEXT);
  if (!cast) throw new Error("no cast");
  const log: string[] = [];
  const player = new Player(cast, {
    reset: (cols, rows) => log.push(`reset ${cols}x${rows}`),
    write: (text) => log.push(text),
    resize: (cols, rows) => log.push(`${cols}x${rows}`),
  });
  return { cast, player, log };
}

describe("recordings", () => {
  it("are read, what is cut or unknown passed over", () => {
    const { cast } = played();
    expect(cast).toMatchObject({ cols: 80, rows: 24, title: "build", duration: 12 });
    expect(cast.events.map(({ kind }) => kind)).toEqual([
      "output",
      "output",
      "resize",
      "output",
      "marker",
    ]);
    for (const none of ["", "{}", "nonsense", '{"version":1}']) {
      expect(parseCast(none)).toBeUndefined();
    }
    const wild = parseCast('{"version":2,"width":1e9,"height":-1}\n[null,"o","x"]\n[5,"r","9x"]');
    expect(wild).toMatchObject({ cols: 80, rows: 24 });
  });

  it("play in order, each event once", () => {
    const { player, log } = played();
    player.seek(0.5);
    player.seek(1.2);
    player.seek(1.3);
    player.seek(99);
    expect(log).toEqual(["reset 80x24", "a", "b", "100x30", "c"]);
    expect(player.ended).toBe(true);
  });

  it("go back by beginning again", () => {
    const { player, log } = played();
    player.seek(12);
    log.length = 0;
    player.seek(1.1);
    expect(log).toEqual(["reset 80x24", "ab"]);
    expect(player.position).toBe(1.1);
  });

  it("skip pauses", () => {
    const { cast } = played();
    const short = withIdleLimit(cast, 2);
    expect(short.duration).toBeCloseTo(4);
    expect(short.events.at(-2)?.at).toBeCloseTo(3.5);
    expect(withIdleLimit(cast, undefined)).toBe(cast);
  });
});

import { expect, test } from "vitest";
import { layOut } from "./lanes";

const commit = (id: string, ...parents: string[]) => ({ id, parents });

test("a line of commits stays in one lane of one colour", () => {
  const { rows, state } = layOut([commit("c", "b"), commit("b", "a"), commit("a")]);
  expect(rows.map(({ lane, color }) => [lane, color])).toEqual([
    [0, 0],
    [0, 0],
    [0, 0],
  ]);
  expect(state.lanes).toEqual([]);
});

test("a merge opens a lane, and where the branches part it ends", () => {
  const { rows } = layOut([commit("m", "b", "x"), commit("x", "a"), commit("b", "a"), commit("a")]);
  expect(rows.map(({ lane }) => lane)).toEqual([0, 1, 0, 0]);
  expect(rows[0]?.below).toEqual([
    { from: 0, to: 0, color: 0 },
    { from: 0, to: 1, color: 1 },
  ]);
  // Both have kept a lane for their parent.
  expect(rows[3]?.above).toHaveLength(2);
  expect(rows[3]?.above.every(({ to }) => to === rows[3]?.lane)).toBe(true);
});

test("a freed lane is taken again", () => {
  const { rows } = layOut([
    commit("p", "a"),
    commit("q", "b"),
    commit("a"),
    commit("r", "b"),
    commit("b"),
  ]);
  expect(rows.map(({ lane }) => lane)).toEqual([0, 1, 0, 0, 0]);
});

test("pages go on where the one before has ended", () => {
  const commits = [commit("m", "b", "x"), commit("x", "a"), commit("b", "a"), commit("a")];
  const whole = layOut(commits).rows;
  const first = layOut(commits.slice(0, 2));
  const second = layOut(commits.slice(2), first.state);
  expect([...first.rows, ...second.rows]).toEqual(whole);
});

test("what comes before its child, by a clock that was wrong, is drawn all the same", () => {
  const { rows } = layOut([commit("a"), commit("b", "a")]);
  expect(rows).toHaveLength(2);
});

import { describe, expect, it } from "vitest";
import { commonFolder, takeTogether } from "./batch";

const of = (size: number, path = "a") => ({ path, file: { size } });

describe("files that go together", () => {
  const always = () => true;

  it("are those at the front, as many as fit", () => {
    const queue = [of(10), of(10), of(30), of(10)];
    expect(takeTogether(of(10), queue, 40, always)).toHaveLength(3);
    expect(queue).toEqual([of(30), of(10)]);
  });

  it("are no more than a request carries", () => {
    const queue = Array.from({ length: 200 }, () => of(0));
    expect(takeTogether(of(0), queue, 40, always)).toHaveLength(128);
    expect(queue).toHaveLength(73);
    const large = Array.from({ length: 9 }, () => of(1024 * 1024));
    expect(takeTogether(of(1024 * 1024), large, 32 * 1024 * 1024, always)).toHaveLength(4);
  });

  it("end at one that goes by itself", () => {
    const queue = [of(1), of(99), of(1)];
    const isSmall = ({ file }: { file: { size: number } }) => file.size < 50;
    expect(takeTogether(of(1), queue, 1_000, isSmall)).toHaveLength(2);
    expect(queue).toHaveLength(2);
    expect(takeTogether(of(99), queue, 1_000, isSmall)).toEqual([of(99)]);
    expect(queue).toHaveLength(2);
  });
});

describe("the folder that they share", () => {
  it.each([
    [["a/b/one", "a/b/two"], "a/b"],
    [["a/b/one", "a/c/two"], "a"],
    [["a/b/one", "a/two"], "a"],
    [["ab/one", "a/two"], ""],
    [["one", "a/two"], ""],
    [["a/b/one"], "a/b"],
    [[], ""],
  ])("of %j is “%s”", (paths, folder) => {
    expect(commonFolder(paths.map((path) => ({ path })))).toBe(folder);
  });
});

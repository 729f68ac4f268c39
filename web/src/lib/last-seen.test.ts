import { beforeEach, describe, expect, test } from "vitest";
import { offerLines, pictureOf, takePicture } from "./last-seen";
import { forgetPerson } from "./tab-person";

beforeEach(() => sessionStorage.clear());

describe("the picture of a workspace", () => {
  test("holds what its parts show, cut to what can be seen of it", () => {
    const long = "x".repeat(500);
    const stop = [
      offerLines("editor", () => Array.from({ length: 100 }, () => long)),
      offerLines("terminal", () => ["$ make", "ok"]),
    ];
    takePicture("ws_1", 5);
    const picture = pictureOf("ws_1");
    expect(picture?.at).toBe(5);
    expect(picture?.terminal).toEqual(["$ make", "ok"]);
    expect(picture?.editor).toHaveLength(24);
    expect(picture?.editor?.[0]).toHaveLength(80);
    for (const end of stop) end();
  });

  test("is not taken of nothing: the last one stays", () => {
    const stop = offerLines("terminal", () => ["$ ls"]);
    takePicture("ws_1", 1);
    stop();
    takePicture("ws_1", 2);
    const blank = offerLines("editor", () => ["", "  "]);
    takePicture("ws_1", 3);
    expect(pictureOf("ws_1")).toEqual({ at: 1, terminal: ["$ ls"] });
    blank();
  });

  test("of so many workspaces and no more is kept, and of none after signing out", () => {
    const stop = offerLines("terminal", () => ["$"]);
    for (let number = 0; number < 20; number += 1) takePicture(`ws_${number}`, number);
    expect(pictureOf("ws_0")).toBeUndefined();
    expect(pictureOf("ws_19")).toBeDefined();
    expect(Object.keys(sessionStorage)).toHaveLength(12);
    forgetPerson();
    expect(pictureOf("ws_19")).toBeUndefined();
    stop();
  });
});

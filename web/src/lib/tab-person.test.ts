import { beforeEach, expect, test, vi } from "vitest";
import { forgetPerson, welcomePerson, whenPersonGoes } from "./tab-person";

beforeEach(() => sessionStorage.clear());

test("what a tab keeps stays while its person does, and goes before another comes", () => {
  const forget = vi.fn();
  whenPersonGoes(forget);
  welcomePerson("acc_1");
  sessionStorage.setItem("kept", "theirs");
  welcomePerson("acc_1");
  expect(sessionStorage.getItem("kept")).toBe("theirs");
  expect(forget).not.toHaveBeenCalled();

  welcomePerson("acc_2");
  expect(sessionStorage.getItem("kept")).toBeNull();
  expect(forget).toHaveBeenCalledTimes(1);

  sessionStorage.setItem("kept", "theirs");
  forgetPerson();
  expect(sessionStorage).toHaveLength(0);
  // Nobody was here any more.
  welcomePerson("acc_1");
  expect(forget).toHaveBeenCalledTimes(2);
});

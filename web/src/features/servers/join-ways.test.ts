import { expect, test } from "vitest";
import { joinCommand } from "./join-ways";

const COMMAND =
  "curl -fsSL https://a.example/install.sh | sh -s -- --url https://a.example --token atj_x";

test("every way carries the address and the token", () => {
  expect(joinCommand(COMMAND, "service")).toBe(COMMAND);
  expect(joinCommand(COMMAND, "user")).toBe(`${COMMAND} --user`);
  expect(joinCommand(COMMAND, "plain")).toBe(`${COMMAND} --no-systemd`);
  expect(joinCommand(COMMAND, "program")).toBe(
    "atelier node join --url https://a.example --token atj_x",
  );
});

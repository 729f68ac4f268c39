import { expect, test } from "vitest";
import { isPlaintext, joinCommand } from "./join-ways";

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

test.each([
  ["http://10.0.0.5:8080", true],
  ["'http://[2001:db8::1]'", true],
  ["http://localhost:8080", false],
  ["http://127.0.0.1:8080", false],
  ["https://a.example", false],
])("%s is plain text to another machine: %s", (url, plaintext) => {
  const command = `curl -fsSL x/install.sh | sh -s -- --url ${url} --token atj_x`;
  expect(isPlaintext(command)).toBe(plaintext);
});

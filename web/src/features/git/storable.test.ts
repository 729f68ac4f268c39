import { expect, test } from "vitest";
import { isStorable } from "./storable";

test.each([
  ["https", "example.com", true],
  ["https", "10.0.0.1:8443", true],
  ["http", "localhost", true],
  ["http", "LOCALHOST:8080", true],
  ["http", "git.localhost:1", true],
  ["http", "127.0.0.1:3000", true],
  ["http", "[::1]:3000", true],
  ["http", "example.com", false],
  ["http", "127.0.0.1.example.com", false],
  ["http", "localhost.example.com:80", false],
  ["ssh", "localhost", false],
])("%s://%s", (protocol, host, expected) => {
  expect(isStorable(protocol, host)).toBe(expected);
});

// Writes src/schema.gen.ts from bridge.schema.json: the types of the bridge's messages.

import { readFile, writeFile } from "node:fs/promises";
import openapiTS, { astToString } from "openapi-typescript";

const schema = JSON.parse(
  await readFile(new URL("../../../bridge.schema.json", import.meta.url), "utf8"),
);
// The generator reads API descriptions, whose schemas stand elsewhere.
const placed = JSON.stringify(schema.$defs).replaceAll("#/$defs/", "#/components/schemas/");
const description = {
  openapi: "3.1.0",
  info: { title: schema.title, version: "1" },
  paths: {},
  components: { schemas: JSON.parse(placed) },
};
const types = astToString(await openapiTS(description));
const head = "// Generated from bridge.schema.json by `npm run generate`: do not edit.\n\n";
await writeFile(new URL("../src/schema.gen.ts", import.meta.url), head + types);

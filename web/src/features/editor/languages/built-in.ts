/** Monaco's own language features, which step back while a server of the workspace does their work. */
import * as css from "monaco-editor/languages/features/css/register.js";
import * as html from "monaco-editor/languages/features/html/register.js";
import * as json from "monaco-editor/languages/features/json/register.js";
import * as typescript from "monaco-editor/languages/features/typescript/register.js";

interface Mode {
  readonly modeConfiguration: object;
  setModeConfiguration(configuration: object): void;
}

const MODES: Record<string, readonly Mode[]> = {
  typescript: [typescript.typescriptDefaults, typescript.javascriptDefaults],
  css: [css.cssDefaults, css.scssDefaults, css.lessDefaults],
  html: [html.htmlDefaults],
  json: [json.jsonDefaults],
};

const before = new Map<Mode, object>();

/** Switches them off or on. */
export function setBuiltIn(language: string, on: boolean): void {
  for (const mode of MODES[language] ?? []) {
    if (on) {
      const configuration = before.get(mode);
      if (configuration) mode.setModeConfiguration(configuration);
      before.delete(mode);
    } else if (!before.has(mode)) {
      before.set(mode, { ...mode.modeConfiguration });
      const off = Object.keys(mode.modeConfiguration).map((feature) => [feature, false]);
      // What colours the text by its grammar stays.
      mode.setModeConfiguration({ ...Object.fromEntries(off), tokens: true });
    }
  }
}

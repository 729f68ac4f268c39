/** What Monaco finds wrong by itself, which is not said while a server of the workspace does. */
import {
  cssDefaults,
  lessDefaults,
  scssDefaults,
} from "monaco-editor/languages/features/css/register.js";
import { jsonDefaults } from "monaco-editor/languages/features/json/register.js";
import {
  javascriptDefaults,
  typescriptDefaults,
} from "monaco-editor/languages/features/typescript/register.js";

/** Switches it off or on. */
export function setBuiltIn(language: string, on: boolean): void {
  switch (language) {
    case "typescript":
      for (const defaults of [typescriptDefaults, javascriptDefaults]) {
        defaults.setDiagnosticsOptions({
          ...defaults.getDiagnosticsOptions(),
          noSyntaxValidation: !on,
        });
      }
      return;
    case "css":
      for (const defaults of [cssDefaults, scssDefaults, lessDefaults]) {
        defaults.setOptions({ ...defaults.options, validate: on });
      }
      return;
    case "json":
      jsonDefaults.setDiagnosticsOptions({ ...jsonDefaults.diagnosticsOptions, validate: on });
      return;
  }
}

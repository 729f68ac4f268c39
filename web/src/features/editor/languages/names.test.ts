import { describe, expect, it } from "vitest";
import { lspLanguage, mayBeServed, monacoLanguage } from "./names";

describe("the names of languages", () => {
  it("are finer in the protocol than in Monaco", () => {
    const names: [monaco: string, path: string, lsp: string][] = [
      ["typescript", "src/app.ts", "typescript"],
      ["typescript", "src/App.tsx", "typescriptreact"],
      ["javascript", "app.jsx", "javascriptreact"],
      ["objective-c", "view.m", "objective-c"],
      ["objective-c", "view.mm", "objective-cpp"],
      ["shell", "run.sh", "shellscript"],
      ["shell", ".bashrc", "shellscript"],
      ["shell", "run.fish", "fish"],
      ["shell", "run.zsh", "zsh"],
      ["html", "index.html", "html"],
      ["html", "App.vue", "vue"],
      ["json", "package.json", "json"],
      ["json", "my-tsconfig.json", "json"],
      ["json", "data.jsonc", "jsonc"],
      ["json", "data.json5", "json5"],
      ["json", "web/tsconfig.json", "jsonc"],
      ["json", "tsconfig.app.json", "jsonc"],
      ["json", "jsconfig.json", "jsonc"],
      ["json", ".devcontainer.json", "jsonc"],
      ["json", "project/.devcontainer/devcontainer.json", "jsonc"],
      ["json", "project/.vscode/settings.json", "jsonc"],
      ["yaml", "tsconfig.json", "yaml"],
      ["python", "main.py", "python"],
      ["go.mod", "go.mod", "go.mod"],
    ];
    for (const [monaco, path, lsp] of names) {
      expect(lspLanguage(monaco, path), path).toBe(lsp);
      expect(monacoLanguage(lsp), path).toBe(monaco);
    }
  });

  it("say what is worth loading the client for", () => {
    for (const path of ["a.ts", "go.mod", "go.work", "a.jsonc", "b/C.YML"]) {
      expect(mayBeServed(path), path).toBe(true);
    }
    for (const path of ["a.txt", "a.json5", "run.fish", "mod"]) {
      expect(mayBeServed(path), path).toBe(false);
    }
  });
});

import "i18next";
import type auth from "./locales/en/auth.json";
import type common from "./locales/en/common.json";
import type editor from "./locales/en/editor.json";
import type files from "./locales/en/files.json";
import type git from "./locales/en/git.json";
import type jobs from "./locales/en/jobs.json";
import type layout from "./locales/en/layout.json";
import type organization from "./locales/en/organization.json";
import type ports from "./locales/en/ports.json";
import type repositories from "./locales/en/repositories.json";
import type search from "./locales/en/search.json";
import type servers from "./locales/en/servers.json";
import type settings from "./locales/en/settings.json";
import type shortcuts from "./locales/en/shortcuts.json";
import type ssh from "./locales/en/ssh.json";
import type telemetry from "./locales/en/telemetry.json";
import type terminals from "./locales/en/terminals.json";
import type vscode from "./locales/en/vscode.json";
import type workbench from "./locales/en/workbench.json";
import type workspaces from "./locales/en/workspaces.json";

// Every key of `t` is checked against the English texts.
declare module "i18next" {
  interface CustomTypeOptions {
    defaultNS: "common";
    resources: {
      common: typeof common;
      auth: typeof auth;
      editor: typeof editor;
      files: typeof files;
      git: typeof git;
      jobs: typeof jobs;
      layout: typeof layout;
      organization: typeof organization;
      ports: typeof ports;
      repositories: typeof repositories;
      search: typeof search;
      servers: typeof servers;
      settings: typeof settings;
      shortcuts: typeof shortcuts;
      ssh: typeof ssh;
      telemetry: typeof telemetry;
      terminals: typeof terminals;
      vscode: typeof vscode;
      workbench: typeof workbench;
      workspaces: typeof workspaces;
    };
  }
}

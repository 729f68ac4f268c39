import "i18next";
import type auth from "./locales/en/auth.json";
import type common from "./locales/en/common.json";
import type editor from "./locales/en/editor.json";
import type jobs from "./locales/en/jobs.json";
import type organization from "./locales/en/organization.json";
import type servers from "./locales/en/servers.json";
import type settings from "./locales/en/settings.json";
import type telemetry from "./locales/en/telemetry.json";
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
      jobs: typeof jobs;
      organization: typeof organization;
      servers: typeof servers;
      settings: typeof settings;
      telemetry: typeof telemetry;
      workbench: typeof workbench;
      workspaces: typeof workspaces;
    };
  }
}

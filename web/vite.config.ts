import { fileURLToPath } from "node:url";
import tailwindcss from "@tailwindcss/vite";
import { tanstackRouter } from "@tanstack/router-plugin/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";
import { precompress } from "./build/precompress.ts";
import { sizeBudget } from "./build/size-budget.ts";

/** Where `npm run dev` finds the control plane (or the mock in `dev/`). */
const server = process.env.ATELIER_URL ?? "http://127.0.0.1:5199";

export default defineConfig({
  plugins: [
    tanstackRouter({
      target: "react",
      autoCodeSplitting: true,
      routeFileIgnorePattern: "\\.test\\.",
    }),
    react(),
    tailwindcss(),
    sizeBudget([
      // Issue 4's limits; sign-in is what most people wait for, so it has less than it might.
      { route: "/_app/index.tsx", limitKb: 250 },
      { route: "/sign-in.tsx", limitKb: 182 },
      { route: "/workspaces.$workspaceId.tsx", limitKb: 900 },
      // Monaco comes with the first file; its core alone is 725 KB.
      {
        route: "/workspaces.$workspaceId.tsx",
        limitKb: 1480,
        with: ["/editor/monaco.ts"],
      },
    ]),
    precompress(),
  ],
  resolve: {
    alias: [
      { find: /^@\//, replacement: `${fileURLToPath(new URL("./src", import.meta.url))}/` },
      // monaco-vim names Monaco's files as its older packages did.
      { find: /^monaco-editor\/esm\/vs\//, replacement: "monaco-editor/" },
      // Monaco's languages would bring the whole editor along with it.
      {
        find: /^(?:\.\.\/)+internal\/common\/workers\.js$/,
        replacement: fileURLToPath(
          new URL("./src/features/editor/monaco-workers.ts", import.meta.url),
        ),
      },
    ],
  },
  server: {
    proxy: {
      "/api": {
        target: server,
        ws: true,
        changeOrigin: true,
        // The server compares Origin with its own host; the dev server stands in between.
        headers: { origin: server },
      },
    },
  },
  build: {
    // Never a data: URL: the server's Content-Security-Policy allows only its own files.
    assetsInlineLimit: 0,
    target: "es2022",
    // The first versions with light-dark(); older targets make lightningcss rewrite every token.
    cssTarget: ["chrome123", "firefox121", "safari17.5"],
    rolldownOptions: {
      output: {
        // Few larger files instead of dozens of small ones: they compress better and come at once.
        codeSplitting: {
          groups: [
            {
              name: "base",
              test: /node_modules[\\/](?:react|react-dom|scheduler|@tanstack[\\/](?:history|query-core|react-query|react-router|react-store|router-core|store)|i18next|react-i18next|zustand|openapi-[a-z-]+)[\\/]/,
            },
            { name: "forms", test: /node_modules[\\/](?:zod|react-hook-form|@hookform)[\\/]/ },
            // An icon in a file of its own costs a request, of which a browser makes six at once.
            {
              name: "icons",
              test: /node_modules[\\/]lucide-react[\\/]/,
              entriesAware: true,
              entriesAwareMergeThreshold: 2_500,
            },
          ],
        },
      },
    },
    // Monaco's own chunk is larger than any sensible warning limit; the budget above is what counts.
    chunkSizeWarningLimit: 10_000,
  },
  test: {
    environment: "jsdom",
    setupFiles: ["src/test-setup.ts"],
    include: ["src/**/*.test.{ts,tsx}"],
    restoreMocks: true,
    testTimeout: 30_000,
  },
});

import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

export default defineConfig({
  plugins: [react()],
  // The next free port is taken when this one is in use.
  server: { host: "127.0.0.1", port: Number(process.env.PORT ?? 5173) },
});

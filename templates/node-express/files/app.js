import express from "express";

/** The application without a port, so that tests can start it on one of their own. */
export function createApp() {
  const app = express();
  app.use(express.static(new URL("./public", import.meta.url).pathname));
  app.get("/api/hello", (request, response) => {
    const name = request.query.name ?? "world";
    response.json({ message: `Hello, ${name}!` });
  });
  return app;
}

import { createApp } from "./app.js";

const port = Number(process.env.PORT ?? 3000);
createApp().listen(port, "127.0.0.1", (error) => {
  if (error) {
    console.error(`Cannot listen on port ${port}: ${error.message}. Set PORT to another one.`);
    process.exit(1);
  }
  console.log(`Listening on http://127.0.0.1:${port}`);
});

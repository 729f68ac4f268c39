import { createFileRoute } from "@tanstack/react-router";
import { z } from "zod";

export const Route = createFileRoute("/sign-in")({
  validateSearch: z.object({ next: z.string().optional().catch(undefined) }),
  component: () => null,
});

import { createFileRoute } from "@tanstack/react-router";

export const Route = createFileRoute("/_app/members")({ component: () => null });

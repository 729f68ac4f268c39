import { createFileRoute } from "@tanstack/react-router";
import { SignInPage } from "@/features/auth/sign-in-page";
import { loadTexts } from "@/lib/i18n";

interface Search {
  /** The page that asked for signing in. */
  next?: string;
}

export const Route = createFileRoute("/sign-in")({
  validateSearch: ({ next }: Record<string, unknown>): Search =>
    typeof next === "string" ? { next } : {},
  loader: () => loadTexts("auth"),
  component: SignInPage,
});

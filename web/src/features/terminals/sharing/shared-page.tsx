/** What a link leads to: one terminal and nothing else, for people with an account and without. */
import { useQuery } from "@tanstack/react-query";
import { Eye, Keyboard, Link2Off, TerminalSquare } from "lucide-react";
import { lazy, type ReactNode, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import type { ApiError } from "@/api/errors";
import { Button } from "@/components/ui/button";
import { Field, Input } from "@/components/ui/field";
import { useErrorText } from "@/lib/error-text";
import { type SharedTerminal, sharedTerminal } from "./queries";

const SharedPane = lazy(async () => ({ default: (await import("./shared-pane")).SharedPane }));

/** The longest name that the others are told; the server's bound. */
const NAME_MAX = 40;
const NAME_KEY = "atelier.share.name";

export function SharedPage({ token }: { token: string }) {
  const { t } = useTranslation("terminals");
  const errorText = useErrorText();
  const shared = useQuery(sharedTerminal(token));
  const [name, setName] = useState<string>();
  const error = shared.error as ApiError | null;

  if (token === "" || error?.status === 404) {
    return <Notice title={t("shared.unknown")}>{t("shared.unknownText")}</Notice>;
  }
  if (shared.data?.state === "expired" || shared.data?.state === "revoked") {
    return (
      <Notice title={t(`shared.${shared.data.state}`)}>
        {t("shared.askAgain", { name: shared.data.shared_by })}
      </Notice>
    );
  }
  if (error && !shared.data) {
    return (
      <Notice title={t("shared.failed")}>
        <span className="flex flex-col items-start gap-3">
          <bdi>{errorText(error)}</bdi>
          <Button pending={shared.isFetching} onClick={() => void shared.refetch()}>
            {t("shared.retry")}
          </Button>
        </span>
      </Notice>
    );
  }
  if (!shared.data) return <div className="skeleton m-6 h-6 w-64" />;
  return (
    <div className="flex h-dvh flex-col bg-canvas">
      <Header shared={shared.data} />
      <main className="flex min-h-0 flex-1 flex-col">
        {name === undefined ? (
          <Greeting shared={shared.data} onEnter={setName} />
        ) : (
          <Suspense fallback={<div className="skeleton m-3 h-4 w-48" />}>
            <SharedPane
              token={token}
              shared={shared.data}
              name={name}
              onDisconnected={() => void shared.refetch()}
            />
          </Suspense>
        )}
      </main>
    </div>
  );
}

function Header({ shared }: { shared: SharedTerminal }) {
  const { t } = useTranslation("terminals");
  const Icon = shared.access === "write" ? Keyboard : Eye;
  return (
    <header className="flex h-10 shrink-0 items-center gap-3 border-b px-3">
      <TerminalSquare className="size-4 text-accent-text" aria-hidden />
      <h1 className="isolate-text truncate font-medium">{shared.name}</h1>
      <span className="truncate text-ink-3 text-xs max-sm:hidden">
        {t("shared.by", { name: shared.shared_by })}
      </span>
      <span className="ms-auto flex shrink-0 items-center gap-1.5 text-ink-2 text-xs">
        <Icon className="size-4" aria-hidden />
        {t(shared.access === "write" ? "shared.mayType" : "shared.watching")}
      </span>
    </header>
  );
}

/** How the others are to call whoever comes in. */
function Greeting({
  shared,
  onEnter,
}: {
  shared: SharedTerminal;
  onEnter: (name: string) => void;
}) {
  const { t } = useTranslation("terminals");
  const [name, setName] = useState(() => localStorage.getItem(NAME_KEY) ?? "");
  return (
    <form
      className="m-auto flex w-full max-w-sm flex-col gap-4 p-6"
      onSubmit={(event) => {
        event.preventDefault();
        localStorage.setItem(NAME_KEY, name.trim());
        onEnter(name.trim());
      }}
    >
      <p className="text-base">
        {t(shared.access === "write" ? "shared.inviteWrite" : "shared.inviteRead", {
          name: shared.shared_by,
        })}
      </p>
      <Field label={t("shared.name")} hint={t("shared.nameHint")}>
        {(control) => (
          <Input
            {...control}
            value={name}
            maxLength={NAME_MAX}
            autoComplete="name"
            onChange={(event) => setName(event.target.value)}
          />
        )}
      </Field>
      <Button type="submit" variant="primary">
        {t("shared.enter")}
      </Button>
    </form>
  );
}

function Notice({ title, children }: { title: string; children: ReactNode }) {
  return (
    <main className="flex h-dvh items-center justify-center p-6">
      <div className="flex max-w-md gap-4">
        <Link2Off className="mt-1 size-6 shrink-0 text-ink-3" aria-hidden />
        <div>
          <h1 className="font-semibold text-lg">{title}</h1>
          <div className="mt-1 text-ink-2 text-sm">{children}</div>
        </div>
      </div>
    </main>
  );
}

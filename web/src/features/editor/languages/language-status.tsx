/** The language servers' part of the status bar: what was found, and how it is with the server. */
import {
  CircleAlert,
  CircleDashed,
  CircleX,
  Download,
  LoaderCircle,
  RotateCw,
  ScrollText,
  Square,
  TriangleAlert,
  Zap,
} from "lucide-react";
import { useTranslation } from "react-i18next";
import { useStore } from "zustand";
import { Menu, MenuContent, MenuItem, MenuTrigger } from "@/components/ui/menu";
import { cn } from "@/lib/cn";
import { currentLocale } from "@/lib/i18n";
import { numberFormat } from "@/lib/intl";
import type { EditorSession } from "../session";
import { useServerAction } from "./actions";
import { countProblems, type LanguageServer, type LanguagesStore } from "./store";

interface LanguageStatusProps {
  session: EditorSession;
  languages: LanguagesStore;
  /** Brings the list of problems to sight. */
  onProblems: () => void;
}

const BUTTON = "flex h-full items-center gap-1 px-1.5 hover:bg-hover hover:text-ink";

export function LanguageStatus({ session, languages, onProblems }: LanguageStatusProps) {
  const { t } = useTranslation("editor");
  const activePath = useStore(session.state, (state) => state.activePath);
  const server = useStore(languages, ({ servers, serverOf }) =>
    activePath === undefined ? undefined : servers[serverOf[activePath] ?? ""],
  );
  const problems = useStore(languages, (state) => state.problems);
  const any = useStore(languages, ({ servers }) => Object.keys(servers).length > 0);
  if (!any) return null;
  const { error, warning } = countProblems(problems);
  return (
    <>
      <button type="button" className={BUTTON} title={t("problems.show")} onClick={onProblems}>
        <CircleX className={cn("size-3.5", error > 0 && "text-bad")} aria-hidden />
        <bdi aria-hidden>{error}</bdi>
        <TriangleAlert className={cn("size-3.5", warning > 0 && "text-warn")} aria-hidden />
        <bdi aria-hidden>{warning}</bdi>
        <span className="sr-only">
          {`${t("problems.errors", { count: error })}, ${t("problems.warnings", { count: warning })}`}
        </span>
      </button>
      {server ? (
        <ServerMenu workspace={session.host} server={server} languages={languages} />
      ) : null}
    </>
  );
}

interface ServerMenuProps {
  workspace: string;
  server: LanguageServer & { connected: boolean };
  languages: LanguagesStore;
}

function ServerMenu({ workspace, server, languages }: ServerMenuProps) {
  const { t } = useTranslation("editor");
  const act = useServerAction(workspace);
  const { title, state, detail, installs, language, root } = server;
  const word = useStateWord(server);
  const missing = state === "missing" && installs != null;
  return (
    <Menu>
      <MenuTrigger asChild>
        <button
          type="button"
          className={BUTTON}
          aria-label={
            missing
              ? t("languages.install", { title })
              : t("languages.label", { title, state: word })
          }
          title={detail ?? t("languages.label", { title, state: word })}
        >
          <StateIcon server={server} />
          <span className="max-md:sr-only">
            {missing
              ? t("languages.install", { title })
              : state === "ready" && !server.work
                ? title
                : t("languages.label", { title, state: word })}
          </span>
        </button>
      </MenuTrigger>
      <MenuContent align="end" className="max-w-80">
        <div className="flex flex-col gap-1 border-b px-2 py-1.5 text-xs">
          <span className="font-medium">{t("languages.label", { title, state: word })}</span>
          {detail ? <bdi className="text-ink-2 [overflow-wrap:anywhere]">{detail}</bdi> : null}
        </div>
        {installs == null || state === "ready" ? null : (
          <MenuItem onSelect={() => act.mutate({ server, action: "install" })}>
            <Download aria-hidden />
            {t("languages.install", { title })}
          </MenuItem>
        )}
        <MenuItem onSelect={() => act.mutate({ server, action: "restart" })}>
          <RotateCw aria-hidden />
          {t("languages.restart")}
        </MenuItem>
        <MenuItem onSelect={() => act.mutate({ server, action: "stop" })}>
          <Square aria-hidden />
          {t("languages.stop")}
        </MenuItem>
        <MenuItem onSelect={() => languages.setState({ logOf: `${language}:${root}` })}>
          <ScrollText aria-hidden />
          {t("languages.showLog")}
        </MenuItem>
      </MenuContent>
    </Menu>
  );
}

/** What the server is doing; of one that answers also what it is busy with, in its own words. */
function useStateWord({ connected, state, work }: ServerMenuProps["server"]): string {
  const { t } = useTranslation("editor");
  if (state !== "ready") return t(`languages.state.${state}`);
  if (!connected) return t("languages.state.connecting");
  if (!work) return t("languages.state.ready");
  if (work.percentage == null) return work.title;
  const percent = numberFormat(currentLocale(), { style: "percent" }).format(work.percentage / 100);
  return t("languages.working", { title: work.title, percent });
}

function StateIcon({ server: { state, work } }: { server: LanguageServer }) {
  switch (state) {
    case "ready":
      if (work) return <LoaderCircle className="size-3.5 motion-safe:animate-spin" aria-hidden />;
      return <Zap className="size-3.5 text-ok" aria-hidden />;
    case "failed":
      return <CircleAlert className="size-3.5 text-bad" aria-hidden />;
    case "missing":
      return <Download className="size-3.5" aria-hidden />;
    case "stopped":
      return <CircleDashed className="size-3.5" aria-hidden />;
    default:
      return <LoaderCircle className="size-3.5 motion-safe:animate-spin" aria-hidden />;
  }
}

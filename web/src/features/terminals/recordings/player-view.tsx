/** Shows a recording: a screen, and what a player of films has. A lazy chunk, as xterm.js is. */
import "@xterm/xterm/css/xterm.css";
import { Terminal } from "@xterm/xterm";
import { Pause, Play, RotateCcw } from "lucide-react";
import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { IconButton } from "@/components/ui/icon-button";
import { Select } from "@/components/ui/select";
import { usePreferences } from "@/lib/preferences";
import { useResolvedTheme } from "@/lib/theme";
import { TERMINAL_PREFERENCES } from "../preferences";
import { terminalTheme } from "../theme";
import { type Cast, withIdleLimit } from "./cast";
import { Player } from "./player";

const SPEEDS: readonly number[] = [0.5, 1, 2, 4, 8];
/** Pauses of more than so many seconds are cut to that. */
const IDLE_LIMITS = [undefined, 1, 2, 5] as const;
/** How far an arrow key goes, in seconds. */
const STEP_S = 5;

export function PlayerView({ cast }: { cast: Cast }) {
  const { t } = useTranslation("terminals");
  const [idle, setIdle] = useState<number | undefined>(2);
  const [speed, setSpeed] = useState<number>(1);
  const [playing, setPlaying] = useState(true);
  const [position, setPosition] = useState(0);
  const place = useRef<HTMLDivElement>(null);
  const screen = useRef<Terminal>(undefined);
  const player = useRef<Player>(undefined);
  const [preferences] = usePreferences(TERMINAL_PREFERENCES);
  const resolved = useResolvedTheme();
  const shown = useMemo(() => withIdleLimit(cast, idle), [cast, idle]);
  const theme = useMemo(
    () => terminalTheme(preferences.theme, resolved),
    [preferences.theme, resolved],
  );

  useEffect(() => {
    if (!place.current) return;
    const xterm = new Terminal({
      disableStdin: true,
      fontFamily: '"IBM Plex Mono", monospace',
      fontSize: 12,
      scrollback: 0,
    });
    xterm.open(place.current);
    screen.current = xterm;
    return () => xterm.dispose();
  }, []);

  // What is shown stays when the theme changes.
  useEffect(() => {
    if (screen.current) screen.current.options.theme = theme;
  }, [theme]);

  useEffect(() => {
    const xterm = screen.current;
    if (!xterm) return;
    player.current = new Player(shown, {
      reset: (cols, rows) => {
        xterm.reset();
        xterm.resize(cols, rows);
      },
      write: (text) => xterm.write(text),
      resize: (cols, rows) => xterm.write("", () => xterm.resize(cols, rows)),
    });
    setPosition(0);
  }, [shown]);

  useEffect(() => {
    if (!playing) return;
    let before = performance.now();
    let frame = requestAnimationFrame(function tick(now) {
      const current = player.current;
      if (current) {
        current.seek(current.position + ((now - before) / 1000) * speed);
        setPosition(current.position);
        if (current.ended) setPlaying(false);
      }
      before = now;
      frame = requestAnimationFrame(tick);
    });
    return () => cancelAnimationFrame(frame);
  }, [playing, speed]);

  const seek = (to: number) => {
    player.current?.seek(to);
    setPosition(player.current?.position ?? 0);
  };
  const toggle = () => {
    if (player.current?.ended) seek(0);
    setPlaying(!playing);
  };
  /** What a key does; the keys are those of other players. */
  const actOf = (key: string): (() => void) | undefined => {
    switch (key) {
      case " ":
      case "k":
        return toggle;
      case "ArrowLeft":
        return () => seek(position - STEP_S);
      case "ArrowRight":
        return () => seek(position + STEP_S);
      case "Home":
        return () => seek(0);
      case "End":
        return () => seek(shown.duration);
      case "<":
        return () => setSpeed(nextSpeed(speed, -1));
      case ">":
        return () => setSpeed(nextSpeed(speed, 1));
      default:
        return undefined;
    }
  };
  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    const inControl = event.target instanceof HTMLSelectElement;
    const act = actOf(event.key);
    // A button that has the focus takes the space bar itself.
    if (!act || inControl || (event.key === " " && event.target instanceof HTMLButtonElement))
      return;
    event.preventDefault();
    act();
  };

  return (
    <fieldset
      aria-label={t("player.label")}
      onKeyDown={onKeyDown}
      // By itself a fieldset is as wide as the screen that it shows.
      className="flex min-h-0 min-w-0 flex-col"
    >
      <div dir="ltr" className="min-h-0 flex-1 overflow-auto p-2">
        <div ref={place} className="w-max" />
      </div>
      <div dir="ltr" className="flex flex-wrap items-center gap-2 border-t px-3 py-2">
        <IconButton label={t(playing ? "player.pause" : "player.play")} onClick={toggle}>
          {playing ? <Pause /> : position >= shown.duration ? <RotateCcw /> : <Play />}
        </IconButton>
        <input
          type="range"
          min={0}
          max={Math.max(shown.duration, 0.001)}
          step="any"
          value={position}
          aria-label={t("player.position")}
          aria-valuetext={`${clock(position)} / ${clock(shown.duration)}`}
          onChange={(event) => seek(event.target.valueAsNumber)}
          className="min-w-24 flex-1 accent-accent"
        />
        <span className="text-ink-2 text-xs">
          {clock(position)} / {clock(shown.duration)}
        </span>
        <Select
          aria-label={t("player.speed")}
          value={speed}
          onChange={(event) => setSpeed(Number(event.target.value))}
        >
          {SPEEDS.map((value) => (
            <option key={value} value={value}>
              {value}×
            </option>
          ))}
        </Select>
        <Select
          aria-label={t("player.idle")}
          value={idle ?? 0}
          onChange={(event) => setIdle(Number(event.target.value) || undefined)}
        >
          {IDLE_LIMITS.map((value) => (
            <option key={value ?? 0} value={value ?? 0}>
              {value === undefined
                ? t("player.idleAll")
                : t("player.idleLimit", { seconds: value })}
            </option>
          ))}
        </Select>
      </div>
    </fieldset>
  );
}

/** The next speed that there is, or the same at the end. */
function nextSpeed(speed: number, by: number): number {
  return SPEEDS[SPEEDS.indexOf(speed) + by] ?? speed;
}

/** Minutes and seconds. */
function clock(seconds: number): string {
  const whole = Math.floor(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

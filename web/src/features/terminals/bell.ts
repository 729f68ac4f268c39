/** The bell that programs ring: seen or heard, and not more often than a person could bear. */
import type { TerminalPreferences } from "./preferences";

/** The least time between two bells, in milliseconds. */
const PAUSE_MS = 300;
const TONE_HZ = 660;
const TONE_S = 0.08;

let last = 0;
let audio: AudioContext | undefined;

export function takeBell(kind: TerminalPreferences["bell"], show: () => void): void {
  if (kind === "none" || performance.now() - last < PAUSE_MS) return;
  last = performance.now();
  if (kind === "visual") show();
  else sound();
}

function sound(): void {
  audio ??= new AudioContext();
  const tone = audio.createOscillator();
  const volume = audio.createGain();
  volume.gain.value = 0.05;
  tone.frequency.value = TONE_HZ;
  tone.connect(volume).connect(audio.destination);
  tone.start();
  tone.stop(audio.currentTime + TONE_S);
}

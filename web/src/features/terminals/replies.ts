import type { Terminal } from "@xterm/xterm";

/**
 * Programs ask terminals questions (device attributes, cursor position, colours), and xterm.js
 * answers as if typed. In history that is shown again the questions have been answered long ago:
 * a second answer would land as garbage in the shell's prompt. While `muted`, none is given.
 */
export function muteReplies(terminal: Terminal, muted: () => boolean): void {
  const { parser } = terminal;
  const swallow = () => muted();
  // DA1, DA2, DA3, DSR and its private form, DECRQM in both forms, XTVERSION, window reports.
  for (const id of [
    { final: "c" },
    { prefix: ">", final: "c" },
    { prefix: "=", final: "c" },
    { final: "n" },
    { prefix: "?", final: "n" },
    { intermediates: "$", final: "p" },
    { prefix: "?", intermediates: "$", final: "p" },
    { prefix: ">", final: "q" },
    { prefix: "?", final: "u" },
    { final: "t" },
  ]) {
    parser.registerCsiHandler(id, swallow);
  }
  // DECRQSS, and XTGETTCAP.
  parser.registerDcsHandler({ intermediates: "$", final: "q" }, swallow);
  parser.registerDcsHandler({ intermediates: "+", final: "q" }, swallow);
  // Colours: setting them must go through, only asking (`?`) is swallowed.
  for (const code of [4, 10, 11, 12]) {
    parser.registerOscHandler(code, (data) => muted() && data.includes("?"));
  }
}

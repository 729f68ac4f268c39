/** Entries that were copied or cut, for pasting into a folder of the same host. */
import { create } from "zustand";
import type { TransferKind } from "./transfer";

interface Clipboard {
  host: string;
  kind: TransferKind;
  paths: readonly string[];
}

export const useClipboard = create<{ held: Clipboard | undefined }>(() => ({ held: undefined }));

/** Holds entries until they are pasted. */
export function hold(host: string, kind: TransferKind, paths: readonly string[]): void {
  useClipboard.setState({ held: paths.length === 0 ? undefined : { host, kind, paths } });
}

/** What was cut has arrived: there is nothing more to be pasted. */
export function clearCut(paths: readonly string[]): void {
  const { held } = useClipboard.getState();
  if (held?.kind === "move" && held.paths.some((path) => paths.includes(path))) {
    useClipboard.setState({ held: undefined });
  }
}

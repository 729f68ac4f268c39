/** The page's uploads: one session for each host, told of to React. */
import { create } from "zustand";
import type { UploadItems } from "./items";
import { type Interrupted, Manifest } from "./manifest";
import { UploadSession } from "./session";
import { cancelUpload } from "./wire";

/** How often progress is drawn, in milliseconds. */
const DRAW_EVERY_MS = 100;

interface UploadsState {
  /** Sessions by host; `version` says that something in them has changed. */
  sessions: ReadonlyMap<string, UploadSession>;
  version: number;
  /** Uploads that a reload cut off, by host. */
  interrupted: ReadonlyMap<string, Interrupted>;
}

export const useUploads = create<UploadsState>(() => ({
  sessions: new Map(),
  version: 0,
  interrupted: new Map(),
}));

let isDrawing = false;

function draw(): void {
  if (isDrawing) return;
  isDrawing = true;
  setTimeout(() => {
    isDrawing = false;
    useUploads.setState(({ version }) => ({ version: version + 1 }));
  }, DRAW_EVERY_MS);
}

/** Uploads to a host; `arrived` hears of folders into which something has come. */
export function upload(host: string, items: UploadItems, arrived: (folder: string) => void): void {
  let session = useUploads.getState().sessions.get(host);
  if (!session) {
    session = new UploadSession(host, draw, arrived);
    const added = session;
    useUploads.setState(({ sessions, interrupted }) => ({
      sessions: new Map(sessions).set(host, added),
      interrupted: without(interrupted, host),
    }));
  }
  void session.add(items).finally(draw);
}

/** Takes a session away that has nothing more to say. */
export function dismiss(host: string): void {
  void new Manifest(host).forget();
  useUploads.setState(({ sessions }) => ({ sessions: without(sessions, host) }));
}

/** Looks whether a reload cut an upload of this host off. */
export async function findInterrupted(host: string): Promise<void> {
  const { sessions, interrupted } = useUploads.getState();
  if (sessions.has(host) || interrupted.has(host)) return;
  const found = await new Manifest(host).interrupted();
  if (!found || useUploads.getState().sessions.has(host)) return;
  useUploads.setState((state) => ({ interrupted: new Map(state.interrupted).set(host, found) }));
}

/** Forgets it, and what the server holds of it. */
export async function forgetInterrupted(host: string): Promise<void> {
  useUploads.setState(({ interrupted }) => ({ interrupted: without(interrupted, host) }));
  for (const id of await new Manifest(host).forget()) await cancelUpload(host, id);
}

function without<Value>(map: ReadonlyMap<string, Value>, key: string): Map<string, Value> {
  const rest = new Map(map);
  rest.delete(key);
  return rest;
}

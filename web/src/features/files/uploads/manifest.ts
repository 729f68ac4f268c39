/**
 * What this browser remembers of uploads that are under way, so that they go on after a reload once
 * the same files are chosen again: a page may not keep files themselves.
 */
import {
  createStore,
  del,
  delMany,
  entries,
  get,
  getMany,
  set,
  setMany,
  type UseStore,
} from "idb-keyval";

/** The server forgets an upload after as long, in milliseconds. */
const KEPT_MS = 24 * 60 * 60 * 1000;

/** What is known of one file. */
interface Known {
  /** The upload in parts that was begun. */
  id?: string | undefined;
  /** It is all there. */
  done?: boolean;
  at: number;
}

/** An upload that a reload cut off. */
export interface Interrupted {
  count: number;
  done: number;
  at: number;
}

/** What is remembered of a host's uploads. Where the browser keeps nothing, nothing is. */
export class Manifest {
  private readonly files = store("files");
  private readonly sessions = store("sessions");
  /** What is written next: all that came while the browser wrote, which takes as long for one as for many. */
  private noted: [string, Known][] = [];
  private writing: Promise<void> | undefined;

  constructor(private readonly host: string) {}

  /** What is known of these files, in their order. */
  async find(files: readonly { path: string; file: File }[]): Promise<(Known | undefined)[]> {
    const keys = files.map(({ path, file }) => this.key(path, file));
    const known = await quiet(() => getMany<Known>(keys, this.files), []);
    return keys.map((_, index) => {
      const one = known[index];
      return one && Date.now() - one.at < KEPT_MS ? one : undefined;
    });
  }

  /** Resolves when it is written. */
  note(path: string, file: File, known: Omit<Known, "at">): Promise<void> {
    this.noted.push([this.key(path, file), { ...known, at: Date.now() }]);
    this.writing ??= this.write();
    return this.writing;
  }

  private async write(): Promise<void> {
    while (this.noted.length > 0) {
      const notes = this.noted;
      this.noted = [];
      await quiet(() => setMany(notes, this.files), undefined);
    }
    // At once, so that no note comes in between.
    this.writing = undefined;
  }

  async noteSession(session: Omit<Interrupted, "at">): Promise<void> {
    await quiet(() => set(this.host, { ...session, at: Date.now() }, this.sessions), undefined);
  }

  /** The upload that was cut off, if there is one. */
  async interrupted(): Promise<Interrupted | undefined> {
    const session = await quiet(() => get<Interrupted>(this.host, this.sessions), undefined);
    return session && Date.now() - session.at < KEPT_MS ? session : undefined;
  }

  /** Forgets all of this host; answers the uploads in parts that are still open. */
  async forget(): Promise<string[]> {
    await this.writing;
    const all = await quiet(() => entries<string, Known>(this.files), []);
    const own = all.filter(([key]) => key.startsWith(`${this.host}\n`));
    await quiet(
      () =>
        delMany(
          own.map(([key]) => key),
          this.files,
        ),
      undefined,
    );
    await quiet(() => del(this.host, this.sessions), undefined);
    return own.flatMap(([, { id, done }]) => (id === undefined || done ? [] : [id]));
  }

  /** The same file of the same content, as far as a browser tells. */
  private key(path: string, file: File): string {
    return `${this.host}\n${path}\n${file.size}\n${file.lastModified}`;
  }
}

function store(name: string): UseStore | undefined {
  return typeof indexedDB === "undefined"
    ? undefined
    : createStore(`atelier-uploads-${name}`, name);
}

/** Private windows may refuse to keep anything: then there is nothing to go on with after a reload. */
async function quiet<Value>(read: () => Promise<Value>, otherwise: Value): Promise<Value> {
  if (typeof indexedDB === "undefined") return otherwise;
  return read().catch(() => otherwise);
}

/**
 * How Monaco's own languages start their workers. It stands in for the file of Monaco's that does this and brings
 * all of the editor's parts with it (vite.config.ts): 70 KB, and parts that come so late that what they need is not there.
 */
import { editor } from "monaco-editor/editor/editor.api.js";

interface WorkerOptions {
  label?: string;
  moduleId: string;
  createData?: unknown;
  host?: Record<string, (...parameters: never[]) => unknown>;
  keepIdleModels?: boolean;
}

async function start({ label = "", moduleId, createData }: WorkerOptions): Promise<Worker> {
  const worker = await globalThis.MonacoEnvironment?.getWorker?.(moduleId, label);
  if (!worker) throw new Error("monaco.ts says which worker a language has");
  // A worker takes its first message for the sign that it is to begin, and the second for what it begins with.
  worker.postMessage("begin");
  worker.postMessage(createData);
  return worker;
}

/** A language's worker, which is started at once. */
export function createWebWorker<Service extends object>(
  options: WorkerOptions,
): editor.MonacoWebWorker<Service> {
  const { host, keepIdleModels } = options;
  return editor.createWebWorker<Service>({ worker: start(options), host, keepIdleModels });
}

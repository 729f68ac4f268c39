import type { QueryClient } from "@tanstack/react-query";

/** A job with thousands of runs brings as many events: what is shown is read again once for many. */
const GATHER_MS = 300;

const JOBS = [
  "/api/v1/organizations/{organization}/node-jobs",
  "/api/v1/node-jobs/{node_job}",
  "/api/v1/node-jobs/{node_job}/runs",
];
const SCHEDULES = [
  "/api/v1/organizations/{organization}/schedules",
  "/api/v1/schedules/{schedule}",
];

interface Init {
  params?: { path?: { node_job?: string } };
}

class JobNews {
  #jobs = new Set<string>();
  #schedules = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly client: QueryClient) {}

  job(id: string): void {
    this.#jobs.add(id);
    this.#later();
  }

  schedule(): void {
    this.#schedules = true;
    this.#later();
  }

  #later(): void {
    this.#timer ??= setTimeout(() => this.#read(), GATHER_MS);
  }

  #read(): void {
    const jobs = this.#jobs;
    const paths = [...(jobs.size > 0 ? JOBS : []), ...(this.#schedules ? SCHEDULES : [])];
    this.#jobs = new Set();
    this.#schedules = false;
    this.#timer = undefined;
    void this.client.invalidateQueries({
      predicate: ({ queryKey: [, path, init] }) => {
        if (!paths.includes(path as string)) return false;
        const one = (init as Init | undefined)?.params?.path?.node_job;
        return one === undefined || jobs.has(one);
      },
    });
  }
}

const news = new WeakMap<QueryClient, JobNews>();

/** Gathers what events say of jobs and schedules, for a cache. */
export function jobNews(client: QueryClient): JobNews {
  const held = news.get(client) ?? new JobNews(client);
  news.set(client, held);
  return held;
}

import { Worker } from "node:worker_threads";

export type WorkerName = "hash-worker" | "look-worker";

/**
 * Starts a worker's module: beside this file in `dist`; from the sources, tsx has to be registered inside the worker.
 * Options of this process are not inherited: `--input-type`, for one, would end the worker.
 */
export function startWorker(name: WorkerName, workerData?: unknown): Worker {
  const options = { execArgv: [], workerData };
  if (!import.meta.url.endsWith(".ts")) return new Worker(new URL(`./${name}.js`, import.meta.url), options);
  const tsx = JSON.stringify(import.meta.resolve("tsx/esm/api"));
  const source = JSON.stringify(new URL(`./${name}.ts`, import.meta.url).href);
  const script = `import(${tsx}).then(({ register }) => { register(); return import(${source}); })`;
  return new Worker(script, { ...options, eval: true });
}

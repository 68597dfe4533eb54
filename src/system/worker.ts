import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";

/**
 * Starts a worker's module, named by its source: beside this file in `dist`; from the sources, tsx has to be registered
 * inside the worker. Options of this process are not inherited: `--input-type`, for one, would end the worker.
 */
export function startWorker(source: URL, workerData?: unknown): Worker {
  const options = { execArgv: [], workerData };
  if (!import.meta.url.endsWith(".ts")) return new Worker(new URL(bundled(source), import.meta.url), options);
  const tsx = JSON.stringify(import.meta.resolve("tsx/esm/api"));
  const script = `import(${tsx}).then(({ register }) => { register(); return import(${JSON.stringify(source.href)}); })`;
  return new Worker(script, { ...options, eval: true });
}

/** A bundle has its workers beside it, by their names alone. */
function bundled(source: URL): string {
  return `./${basename(fileURLToPath(source), ".ts")}.js`;
}

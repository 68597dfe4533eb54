import type { Command, JobSpec, ServiceSpec } from "../core/job.ts";
import { posixCommand, posixQuote } from "../system/quote.ts";

/**
 * The script of a job with services: `prologue` makes the environment of all of them, `script` is the job's command, and
 * `program` is src/host/services.sh.
 */
export function withServices(
  services: NonNullable<JobSpec["services"]>,
  {
    prologue,
    script,
    program,
  }: { readonly prologue: string; readonly script: string; readonly program: string },
): string {
  const words = Object.entries(services).flatMap(([name, service], index) =>
    serviceWords(index + 1, name, service),
  );
  const all = [...words, ["service_count", String(Object.keys(services).length)], ["job_script", script]];
  const assignments = all.map(([word, value = ""]) => `${word}=${posixQuote(value)}\n`);
  return `${prologue}${assignments.join("")}${program}`;
}

function serviceWords(number: number, name: string, service: ServiceSpec): (readonly [string, string])[] {
  const { command, ready, readyMs, env, cwd } = service;
  const exports = Object.entries(env).map(([word, value]) => `export ${word}=${posixQuote(value)}\n`);
  const prologue = `${exports.join("")}cd -- ${posixQuote(cwd)} || exit 1\n`;
  return [
    [`service_name_${number}`, name],
    [`service_start_${number}`, `${prologue}${scriptOf(command)}`],
    [`service_ready_${number}`, ready === null ? "" : `${prologue}${scriptOf(ready)}`],
    [`service_within_${number}`, String(readyMs)],
  ];
}

function scriptOf(command: Command): string {
  return command.kind === "argv" ? `exec ${posixCommand(command.argv)}` : command.text;
}

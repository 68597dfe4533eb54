import * as z from "zod";
import { MOST_SERVICES } from "../core/job.ts";
import { environment } from "./environment.ts";
import { object } from "./fields.ts";
import { command, duration, name, word } from "./words.ts";

const serviceSchema = object({
  command: command.describe(
    "Stays in the foreground; text for /bin/sh, or a list of words that no shell reads",
  ),
  ready: command
    .optional()
    .describe("Tried until it succeeds, then the service is ready; default: ready as soon as it is started"),
  readyTimeout: duration.optional().describe("Time from the start of the services for `ready`; default 1m"),
  env: environment.optional().describe("Environment variables in addition to the job's"),
  cwd: word.optional().describe("Directory in the guest, relative to /workspace; default the job's"),
});

/** A job's services, by name. */
export const servicesSchema = z
  .record(name, serviceSchema, {
    error:
      'expected services by name, as in { "db": { "command": "postgres -D /tmp/db", "ready": "pg_isready" } }',
  })
  .refine((services) => Object.keys(services).length <= MOST_SERVICES, {
    error: `a job has at most ${MOST_SERVICES} services`,
  });

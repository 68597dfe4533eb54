import { posix } from "node:path";
import type { Command, JobSpec, ServiceSpec } from "../core/job.ts";
import { milliseconds } from "./duration.ts";
import { mapRecord } from "./map-record.ts";
import type { Config } from "./schema.ts";

type JobInput = Config["jobs"][string];
type ServiceInput = NonNullable<JobInput["services"]>[string];
type CommandInput = ServiceInput["command"];

const READY_MS = 60_000;

/** A command as it is written, in its two kinds. */
export function makeCommand(input: CommandInput): Command {
  return typeof input === "string" ? { kind: "shell", text: input } : { kind: "argv", argv: input };
}

/** A job's services with every default filled in; `cwd` is the job's. */
export function makeServices(
  services: NonNullable<JobInput["services"]>,
  cwd: string,
): Pick<JobSpec, "services"> {
  if (Object.keys(services).length === 0) return {};
  return { services: mapRecord(services, (input) => makeService(input, cwd)) };
}

function makeService(input: ServiceInput, jobCwd: string): ServiceSpec {
  return {
    command: makeCommand(input.command),
    ready: input.ready === undefined ? null : makeCommand(input.ready),
    readyMs: milliseconds(input.readyTimeout, READY_MS),
    env: input.env ?? {},
    cwd: input.cwd === undefined ? jobCwd : posix.resolve("/workspace", input.cwd),
  };
}

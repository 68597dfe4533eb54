import { stripVTControlCharacters } from "node:util";
import { InfraError } from "../core/errors.ts";
import type { UnbuiltOutput } from "../core/prepared.ts";
import { derivationName } from "./log.ts";

const LINES = 15;
const LONGEST = 200;

/** Why an output is not there, in one line that ends with what the builder printed last. */
export function describeUnbuilt(output: UnbuiltOutput): string {
  const [last] = lastLines(output.failure.log, 1);
  return last === undefined ? why(output) : `${why(output)}: ${last}`;
}

/** For who can't go on without it. */
export function unbuiltError(output: UnbuiltOutput): InfraError {
  return new InfraError("nix", [why(output), ...lastLines(output.failure.log, LINES)].join("\n"), {
    hint: "`nix build` of the same output in the workspace shows the whole log",
  });
}

/** What a job's log has that needs it: why, then all that the builder printed. */
export function unbuiltLog(output: UnbuiltOutput): Buffer {
  const { log, derivation } = output.failure;
  if (log.length === 0)
    return Buffer.from(
      `${why(output)}\n(Nix kept no log of it; \`pikaci logs --kind host\` has what it printed.)\n`,
    );
  const end = log.at(-1) === 10 ? "" : "\n";
  return Buffer.concat([Buffer.from(`${derivation}:\n`), log, Buffer.from(`${end}${why(output)}\n`)]);
}

function why({ name, failure, dependency }: UnbuiltOutput): string {
  const of = `${dependency ? "its dependency " : ""}${derivationName(failure.derivation)}`;
  return `prepared output ${name} was not built: ${of}: ${failure.reason}`;
}

/** The last lines with something on them. */
function lastLines(log: Buffer, count: number): string[] {
  return stripVTControlCharacters(log.subarray(-65_536).toString("utf8"))
    .split(/[\r\n]+/)
    .filter((line) => line.trim() !== "")
    .slice(-count)
    .map((line) => (line.length > LONGEST ? `${line.slice(0, LONGEST)}…` : line));
}

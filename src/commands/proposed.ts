import { parseConfig } from "../config/load.ts";
import { ConfigError, PikaciError } from "../core/errors.ts";
import type { Proposal } from "../operations/init/propose.ts";
import { sanitise } from "../report/sanitise.ts";

/** The file that `init` and `import` write. */
export const CONFIG_FILE = "pikaci.config.mjs";

/** What was assumed and left out, for people. */
export function said({ notes, leftOut, comments }: Proposal, next: string): string {
  const all = Object.entries(comments).flatMap(([job, lines]) => lines.map((line) => ({ job, line })));
  const jobs = [...new Set(all.map(({ line }) => line))].map((line) => {
    const of = all.filter((one) => one.line === line).map(({ job }) => job);
    return `  ${of.join(", ")}: ${line}`;
  });
  const lines = [
    "assumed:",
    ...notes.map((text) => `  ${text}`),
    ...jobs,
    ...(leftOut.length === 0 ? [] : ["left out:", ...leftOut.map((text) => `  ${text}`)]),
    `next: ${next}`,
  ];
  return `${lines.map(sanitise).join("\n")}\n`;
}

/** What is written is read as everybody's configuration is. */
export function checkWorks({ config }: Proposal, workspace: string): void {
  try {
    parseConfig(config, workspace, CONFIG_FILE);
  } catch (error) {
    if (!(error instanceof PikaciError)) throw error;
    throw new ConfigError(`no configuration can be written for what is here: ${error.message}`, {
      hint: `write ${CONFIG_FILE} by hand; docs/configuration.md explains every key`,
      cause: error,
    });
  }
}

import { type Why, why } from "../operations/why.ts";
import { sanitise } from "../report/sanitise.ts";
import { type Handler, openPlace } from "./call.ts";
import { printJson, printLines } from "./invocation.ts";
import type { Args } from "./table.ts";

export const handle: Handler<Args<"why">> = async ({ job, json }, call) => {
  const { invocation, config, context } = await openPlace(call);
  const answer = await why(job, config, context());
  if (json) printJson(invocation, answer);
  else printLines(invocation, formatWhy(answer));
  return 0;
};

function formatWhy({ job, runs, reason, changed, since, paths, needs }: Why): string[] {
  const verdict = {
    yes: "will run",
    no: "will not run",
    "unless prepared outputs are the same": "may not run",
    "unless its needs leave the same": "may not run",
  };
  const look = changed.includes("files") ? [`look: pikaci snapshot --diff ${since}`] : [];
  const shown = paths.map(({ name, path, files, more }) => {
    const all = [...files, ...(more > 0 ? [`${more} more`] : [])].join(", ");
    const label = name === path ? path : `${name} (${path})`;
    return sanitise(`client path ${label} changed${all === "" ? "" : `: ${all}`}`);
  });
  const left = needs.map((need) => `what ${need} left is not the same`);
  return [`${job} ${verdict[runs]}: ${reason}`, ...left, ...shown, ...look];
}

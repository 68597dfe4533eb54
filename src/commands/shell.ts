import { parseShape } from "../config/typed-shape.ts";
import { type Opened, openShell } from "../operations/shell/open.ts";
import { sanitise } from "../report/sanitise.ts";
import { posixCommand } from "../system/quote.ts";
import { ownTerminal } from "../system/terminal.ts";
import { type Handler, openPlace } from "./call.ts";
import { plainReporter } from "./reporter.ts";
import type { Args } from "./table.ts";

export const handle: Handler<Args<"shell">> = async (args, call) => {
  const { invocation, config, context } = await openPlace(call);
  const { job, run, on: host, runner, rest: command, quiet } = args;
  const reporter = plainReporter(invocation, quiet ? "quiet" : "normal");
  const shape = runner === null ? null : parseShape(runner);
  const terminal = ownTerminal();
  const request = { job, run, host, config, shape, command };
  return openShell(request, terminal, context(reporter.emit), (opened) => {
    if (!quiet && terminal.tty && command.length === 0) invocation.err(greeting(opened));
  });
};

/** What a person wants to know before the prompt. */
function greeting({ host, job, backend }: Opened): string {
  const command = job.command.kind === "argv" ? posixCommand(job.command.argv) : job.command.text;
  const [first = "", ...more] = sanitise(command).split("\n");
  return [
    `${job.name} in ${backend} on ${host.url}: /workspace is ${job.workspace === "private" ? "yours to write" : "read-only"}, changes are lost when the shell ends`,
    `the job itself would run: ${first}${more.length > 0 ? " …" : ""}`,
    "`exit` leaves; Enter ~ . when nothing answers\n",
  ].join("\n");
}

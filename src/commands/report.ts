import { dirname, join, relative, resolve } from "node:path";
import { reportPage } from "../report/html/page.ts";
import { storedReport } from "../report/html/stored-report.ts";
import { openRun } from "../runs/stored-runs.ts";
import { writeBytes } from "../system/client-files.ts";
import { openInBrowser } from "../system/open.ts";
import { OutputFile } from "../system/output-file.ts";
import {
  aRun,
  type Invocation,
  openPlace,
  type PlaceArgs,
  placeOptions,
  type Register,
} from "./invocation.ts";

interface Args extends PlaceArgs {
  readonly run: string;
  readonly out: string | undefined;
  readonly open: boolean;
}

export const register: Register = (yargs, invocation, { usage, describe }) =>
  yargs.command(
    usage,
    describe,
    (options) =>
      placeOptions(options)
        .positional("run", { ...aRun, default: "latest" })
        .option("out", {
          type: "string",
          requiresArg: true,
          describe: "File to write; default: report.html in the run's directory",
        })
        .option("open", { type: "boolean", default: false, describe: "Show it in the browser" })
        .example("$0 report", "the latest run's, and where it lies")
        .example("$0 report latest --out report.html", "to give to others; the logs are in it"),
    (args) => report(args, invocation),
  );

async function report(args: Args, invocation: Invocation): Promise<void> {
  const { stateDir } = await openPlace(args, invocation);
  const run = openRun(stateDir, args.run);
  const own = join(run.directory, "report.html");
  const file = args.out === undefined ? own : resolve(invocation.cwd, args.out);
  const page = reportPage(storedReport(stateDir, run, dirname(file)));
  if (args.out === undefined) writeBytes(file, Buffer.from(page));
  else writeOut(file, page);
  invocation.out(`${relative(invocation.cwd, file)}\n`);
  if (args.open) await openInBrowser(file, invocation.env);
}

function writeOut(file: string, page: string): void {
  const output = new OutputFile(file, "--out");
  output.write(page);
  const failure = output.close();
  if (failure !== null) throw failure;
}

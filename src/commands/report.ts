import { dirname, join, relative, resolve } from "node:path";
import { reportPage } from "../report/html/page.ts";
import { storedReport } from "../report/html/stored-report.ts";
import { openRun } from "../runs/stored-runs.ts";
import { writeBytes } from "../system/client-files.ts";
import { openInBrowser } from "../system/open.ts";
import { type Handler, openPlace } from "./call.ts";
import type { Args } from "./table.ts";
import { writeOut } from "./write-out.ts";

export const handle: Handler<Args<"report">> = async (args, call) => {
  const place = await openPlace(call);
  const { invocation } = place;
  const run = openRun(place, args.run);
  const own = join(run.directory, "report.html");
  const file = args.out === null ? own : resolve(invocation.cwd, args.out);
  const page = reportPage(storedReport(place, run, dirname(file)));
  if (args.out === null) writeBytes(file, Buffer.from(page));
  else writeOut(file, page);
  invocation.out(`${relative(invocation.cwd, file)}\n`);
  if (args.open) await openInBrowser(file, invocation.env);
  return 0;
};

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../../scripts/bundle.ts";

/** The two commands of README's "Start", as they stand there: the demo's and the tests'. */
export function readmeCommands(): { readonly demo: string; readonly tests: string } {
  const start = /^## Start\n(.*?)^## /ms.exec(readFileSync(join(ROOT, "README.md"), "utf8"))?.[1] ?? "";
  const [, block = ""] = /```sh\n(.*?)```/s.exec(start) ?? [];
  const [demo, tests, ...more] = block
    .split("\n")
    .flatMap((line) => line.replace(/\s+#.*$/, "").trim() || []);
  if (demo === undefined || tests === undefined || more.length > 0)
    throw new Error(`README's "Start" has other commands than two:\n${block}`);
  return { demo, tests };
}

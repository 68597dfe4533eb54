import { spawnSync } from "node:child_process";
import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { buildClient } from "../suites/client.ts";
import { type DemoPlace, makePlace } from "./place.ts";

const EDITED = "examples/ci.ts";

interface Step {
  /** Printed above it. */
  readonly about: string;
  /** A line that is added to the edited file before. */
  readonly edit?: string;
  readonly words: readonly string[];
  readonly exitCode: number;
}

const stepsOf = (config: string): readonly Step[] => {
  const run = ["run", "--config", config];
  return [
    { about: "a first run: type check and a part of the tests, in guests", words: run, exitCode: 0 },
    {
      about: "one file edited: what is sent, and what is not run again",
      edit: "// edited",
      words: run,
      exitCode: 0,
    },
    {
      about: "a job that fails, with its log and the place of the error",
      ...{ edit: 'export const answer: number = "forty-two";', words: run, exitCode: 1 },
    },
    {
      about: "the last run as a page to open or to send",
      words: ["report"],
      exitCode: 0,
    },
  ];
};

/** Shows a step as a person would type it and takes it on this terminal; gives the exit code. */
function take(place: DemoPlace, cli: string, { about, edit, words }: Step): number {
  const edited = edit === undefined ? "" : `echo '${edit}' >>${EDITED}; `;
  console.log(`# ${about}\n$ ${edited}pikaci ${words.join(" ")}`);
  if (edit !== undefined) appendFileSync(join(place.tree, EDITED), `${edit}\n`);
  const { tree: cwd, env } = place;
  const { status } = spawnSync(process.execPath, [cli, ...words], { cwd, env, stdio: "inherit" });
  console.log("");
  return status ?? 3;
}

/** A tour of a minute on a copy of this tree; gives the exit code: 1 when a step ended otherwise than it has to. */
export async function shortDemo(installed: readonly string[]): Promise<number> {
  const began = performance.now();
  const cli = await buildClient();
  const place = makePlace();
  console.log(`$ cd ${place.tree}    # a copy of this repository as it is now, ${place.count} files`);
  const steps = stepsOf(place.config);
  const wrong = steps.filter((step) => {
    const code = take(place, cli, step);
    if (code !== step.exitCode) console.log(`exit code ${code}, where ${step.exitCode} was expected`);
    return code !== step.exitCode;
  });
  const seconds = Math.round((performance.now() - began) / 1000);
  const more = "all unit tests, of this very tree: npm run demo -- --full";
  console.log(`demo: ${seconds} s, installation of packages apart; ${more}`);
  for (const line of removal(place, installed)) console.log(line);
  return wrong.length === 0 ? 0 : 1;
}

/** All that the demo made, each with the command that removes it. */
function removal({ dir }: DemoPlace, installed: readonly string[]): string[] {
  return [
    `made: ${dir}    rm -rf ${dir}`,
    "made: paths in /nix/store, which nothing needs then    nix-store --gc",
    ...(installed.length > 0 ? [`installed: Debian packages    apt-get purge ${installed.join(" ")}`] : []),
  ];
}

import { type SpawnSyncReturns, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { decodeText, decodeXml } from "../../src/runs/reports/decode.ts";
import { parseJUnit } from "../../src/runs/reports/parse-junit.ts";
import { parseTap } from "../../src/runs/reports/parse-tap.ts";
import type { TestSuite } from "../../src/runs/reports/suite.ts";
import { type Counts, countTests, differences } from "./counts.ts";
import type { Colour, Producer } from "./table.ts";

const FIXTURES = fileURLToPath(new URL("../fixtures/producers", import.meta.url));
const MINUTES = 10;

/** What became of one project in the hands of one producer. */
export interface Tried {
  readonly name: string;
  readonly problems: readonly string[];
  /** What was read, by file. */
  readonly read: Readonly<Record<string, Counts>>;
}

/** Where a producer works: its own copy of the projects, and the programs of npm. */
export interface Place {
  readonly directory: string;
  readonly modules: string;
}

/** Copies a producer's projects, asks for its version and builds what it needs; gives what is wrong. */
export function setUpProducer(producer: Producer, { directory, modules }: Place): string[] {
  mkdirSync(directory, { recursive: true });
  cpSync(join(FIXTURES, producer.name), directory, { recursive: true });
  const asked = shell(producer.ask, directory, modules, "");
  const version = `${asked.stdout}${asked.stderr}`;
  if (!version.includes(producer.version))
    return [`version: expected ${producer.version}, is ${version.trim()}`];
  const built = shell(producer.build ?? "true", directory, modules, "");
  return built.status === 0 ? [] : [`build: ${built.stderr}`];
}

/** Runs one of a producer's projects and compares what its reports say with what it says itself. */
export function tryProducer(producer: Producer, colour: Colour, { directory, modules }: Place): Tried {
  mkdirSync(join(directory, "out", colour), { recursive: true });
  const { status, stdout, stderr } = shell(producer.run, directory, modules, colour);
  const said = { exitCode: status ?? -1, summary: producer.says(`${stdout}${stderr}`) };
  const isAsMeant = colour === "red" ? status !== 0 : status === 0;
  const problems = isAsMeant ? [] : [`exit code ${status}:\n${stdout}${stderr}`];
  const read: Record<string, Counts> = {};
  for (const [file, reading] of Object.entries(producer.reports)) {
    const suites = readReport(join(directory, "out", colour, file));
    if (reading === "other") {
      if (suites !== null) problems.push(`${file}: was not passed over`);
      continue;
    }
    const counts = countTests(suites ?? []);
    read[file] = counts;
    for (const wrong of differences(counts, said, reading[colour] ?? {})) problems.push(`${file}: ${wrong}`);
  }
  return { name: `${producer.name}, ${colour}`, problems, read };
}

/** As pikaci reads a job's artifact. */
function readReport(file: string): readonly TestSuite[] | null {
  const bytes = readFileSync(file);
  return file.endsWith(".tap") ? [parseTap(decodeText(bytes), file)] : parseJUnit(decodeXml(bytes));
}

function shell(script: string, cwd: string, modules: string, colour: string): SpawnSyncReturns<string> {
  const { NODE_OPTIONS: _, NODE_TEST_CONTEXT: __, FORCE_COLOR: ___, ...env } = process.env;
  return spawnSync("sh", ["-c", script], {
    cwd,
    env: {
      ...env,
      // A project's own manager of versions must not choose another program.
      PATH: `${join(modules, ".bin")}:/usr/bin:/bin:${env.PATH ?? ""}`,
      COLOUR: colour,
      OUT: join(cwd, "out", colour),
      NO_COLOR: "1",
      CI: "true",
      HOME: cwd,
    },
    encoding: "utf8",
    maxBuffer: 1 << 28,
    timeout: MINUTES * 60_000,
  });
}

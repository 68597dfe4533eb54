import { spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CLI } from "../lab/rig.ts";

export interface Ended {
  readonly code: number | null;
  readonly output: string;
}

/** Runs a script as a CI service does, `sh -e FILE`, with exactly this environment. */
export function runScript(
  script: string,
  {
    cwd,
    env,
    shell = ["sh"],
  }: {
    readonly cwd: string;
    readonly env: Readonly<Record<string, string>>;
    readonly shell?: readonly string[];
  },
): Promise<Ended> {
  const file = join(cwd, "..", "step.sh");
  writeFileSync(file, script);
  const [program = "sh", ...words] = shell;
  const child = spawn(program, [...words, "-e", file], { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (data: Buffer) => {
      output += data.toString();
    });
  return new Promise((resolve) => child.on("close", (code) => resolve({ code, output })));
}

/** A `dist/cli.cjs` below `directory` that is this pikaci. */
export function installHere(directory: string): void {
  mkdirSync(join(directory, "dist"), { recursive: true });
  const words = JSON.stringify(CLI);
  writeFileSync(
    join(directory, "dist/cli.cjs"),
    `const { spawnSync } = require("node:child_process");
const { status } = spawnSync(process.execPath, [...${words}, ...process.argv.slice(2)], { stdio: "inherit" });
process.exit(status ?? 1);
`,
  );
}

/** Places of expressions in a text: what stands between the braces. */
export function expressions(text: string): string[] {
  return [...text.matchAll(/\$\{\{\s*(.*?)\s*\}\}/g)].map(([, inner = ""]) => inner);
}

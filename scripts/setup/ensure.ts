import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { type Command, type PackageName, packagesFor } from "./packages.ts";
import { type Machine, planSetup } from "./plan.ts";
import { isProgram } from "./program.ts";

/** What is missing and the commands to type, for a machine where this program does not install. */
export class SetupError extends Error {}

/**
 * Makes sure that these Debian packages, or what they give, are here: installs as root on Debian,
 * saying what, and gives what it installed. Elsewhere a `SetupError` holds the commands to type.
 */
export function ensurePackages(
  names: readonly PackageName[],
  say: (line: string) => void,
): readonly string[] {
  const plan = planSetup(names, thisMachine());
  if (plan.kind === "ready") return [];
  if (plan.kind === "tell") {
    throw new SetupError([`missing here: ${plan.missing.join(", ")}. Type:`, ...plan.lines].join("\n  "));
  }
  say(`set-up: installing Debian packages: ${plan.packages.join(" ")}`);
  for (const [program = "", ...args] of plan.commands) install(program, args);
  return plan.packages;
}

/** Makes sure of the packages of one command; where installing is not ours to do, it says what to type and goes on. */
export function setUpFor(command: Command): void {
  try {
    ensurePackages(packagesFor(command), console.log);
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    console.log(error.message);
  }
}

function thisMachine(): Machine {
  const release = existsSync("/etc/os-release") ? readFileSync("/etc/os-release", "utf8") : "";
  return {
    root: process.getuid?.() === 0,
    debian: /^ID="?debian"?$/m.test(release),
    has: (gives) => (gives.startsWith("/") ? existsSync(gives) : isProgram(gives)),
  };
}

function install(program: string, args: readonly string[]): void {
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  try {
    execFileSync(program, args, { env, stdio: ["ignore", "pipe", "pipe"] });
  } catch (error) {
    const output = error instanceof Error && "stderr" in error ? String(error.stderr) : String(error);
    throw new SetupError(`${program} ${args.join(" ")} failed:\n${output}`);
  }
}

import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AREAS, type Scene } from "./scene.ts";
import { type Touched, touchedIn, underFileTrace } from "./touched.ts";

export type Words = readonly string[];

/** How a command ends where nothing is corrupted, and what it touches. */
export interface Seen {
  readonly code: number;
  readonly touched: Touched;
}

/** Of each of some commands: called in its turn, and as the only one. */
export type Evidence = readonly (readonly Seen[])[];

/** Traces commands in their turn and alone, when it is first asked about them: about a second each. It restores the scene. */
export type Witness = (commands: readonly Words[]) => Promise<Evidence>;

/** `client`: Node's words for the command line. */
export function openWitness(scene: Scene, client: Words): Witness {
  const known = new Map<string, Promise<readonly Seen[]>>();
  const seenIn = (commands: readonly Words[]): Promise<readonly Seen[]> => {
    const key = JSON.stringify(commands);
    const seen = known.get(key) ?? traceAll(scene, client, commands);
    known.set(key, seen);
    return seen;
  };
  return async (commands) => {
    const evidence: Seen[][] = [];
    for (const [at, seen] of (await seenIn(commands)).entries())
      evidence.push([seen, ...(await seenIn(commands.slice(at, at + 1)))]);
    return evidence;
  };
}

/** Words that make a command end with who started it, however that ends. */
const MORTAL: readonly string[] = ["setpriv", "--pdeathsig", "KILL"];

async function traceAll(scene: Scene, client: Words, commands: readonly Words[]): Promise<Seen[]> {
  const roots = AREAS.map((area) => scene.root[area]);
  const seen: Seen[] = [];
  scene.restore();
  for (const words of commands) {
    const { code, trace } = await traced(scene, client, words);
    seen.push({ code, touched: touchedIn(trace, roots) });
  }
  return seen;
}

async function traced(
  { dir, env }: Scene,
  client: Words,
  words: Words,
): Promise<{ code: number; trace: string }> {
  const place = mkdtempSync(join(tmpdir(), "pikaci-trace-"));
  try {
    const file = join(place, "trace");
    const command = [...MORTAL, ...underFileTrace(file), ...MORTAL, process.execPath, ...client, ...words];
    const [program = "", ...args] = command;
    // What Node asks for through io_uring is no call of its own.
    const child = spawn(program, args, { cwd: dir, env: { ...env, UV_USE_IO_URING: "0" }, stdio: "ignore" });
    const code = await new Promise<number | null>((resolve, reject) => {
      child.on("error", reject).on("close", resolve);
    });
    if (code === null) throw new Error(`${words.join(" ")} was killed under strace`);
    return { code, trace: readFileSync(file, "utf8") };
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}

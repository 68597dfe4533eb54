import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { buildClient } from "../suites/client.ts";
import { load, median } from "./median.ts";
import { type Case, change, makeTree, shapes, type TreeShape } from "./trees.ts";

const KINDS: readonly Case[] = ["cold", "one file"];

/** What waiting for the disk costs a publication and a run of one job on this machine's own disk; medians, in milliseconds. */
export async function benchSync(trees: readonly string[], repeat: number): Promise<void> {
  const cli = await buildClient();
  console.log(`waiting for the disk, medians of ${repeat}, ms (load ${load()})`);
  const chosen = shapes.filter(({ name }) =>
    trees.length === 0 ? name === "typical" : trees.includes(name),
  );
  for (const shape of chosen) console.table(benchTree(cli, shape, repeat));
}

interface Place {
  readonly cli: string;
  readonly root: string;
  readonly own: string;
}

function benchTree(cli: string, shape: TreeShape, repeat: number): Record<string, object> {
  const [root, own] = ["tree", "own"].map((name) => mkdtempSync(join(tmpdir(), `pikaci-bench-${name}-`)));
  if (root === undefined || own === undefined) throw new Error("no directories");
  const place = { cli, root, own };
  const host = { url: "local", workDir: join(own, "work") };
  const jobs = { unit: { command: "true", runner: "sandbox" } };
  writeFileSync(
    join(root, "pikaci.config.json"),
    JSON.stringify({ host: "here", hosts: { here: host }, jobs }),
  );
  makeTree(root, shape);
  mkdirSync(join(own, "cache"));
  symlinkSync(join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "nix"), join(own, "cache/nix"));
  try {
    const publications = KINDS.map((kind) => [
      kind,
      compared(repeat, (no) => publication(place, shape, kind, no)),
    ]);
    const run = compared(repeat, (no) => timed(place, ["run", "--no-cache"], no));
    return Object.fromEntries([...publications, ["a run, published", run]]);
  } finally {
    for (const directory of [root, own]) rmSync(directory, { recursive: true, force: true });
  }
}

/** Both ways in turn, so that other load meets both alike. */
function compared(repeat: number, measure: (noSync: string) => number): object {
  const waits: number[] = [];
  const goesOn: number[] = [];
  for (let round = 0; round < repeat; round += 1) {
    waits.push(measure(""));
    goesOn.push(measure("1"));
  }
  const [with_, without] = [median(waits), median(goesOn)];
  return { waits: Math.round(with_), "does not": Math.round(without), ratio: (with_ / without).toFixed(2) };
}

function publication(place: Place, shape: TreeShape, kind: Case, noSync: string): number {
  if (kind === "cold") rmSync(join(place.own, "work"), { recursive: true, force: true });
  const undo = change(place.root, shape, kind);
  try {
    return timed(place, ["publish"], noSync);
  } finally {
    undo();
  }
}

function timed({ cli, root, own }: Place, words: readonly string[], noSync: string): number {
  const places = { XDG_CACHE_HOME: join(own, "cache"), XDG_STATE_HOME: join(own, "state") };
  const env = { ...process.env, ...places, PIKACI_NO_SYNC: noSync };
  const started = performance.now();
  execFileSync(process.execPath, [cli, ...words, "-C", root], { env, stdio: ["ignore", "ignore", "pipe"] });
  return performance.now() - started;
}

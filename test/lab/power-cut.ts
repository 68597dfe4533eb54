import { cpSync, existsSync, mkdirSync, readFileSync, realpathSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { build } from "esbuild";
import { bundle, EXTERNAL, FOR_NODE } from "../../scripts/bundle.ts";
import { copyPackage } from "./client-machine.ts";
import { waitFor } from "./command.ts";
import type { LabHost } from "./host.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const PLACE = "srv/power-cut";
/** Enough for a snapshot that is synced file by file. */
const FILES = 300;
/** Seconds of a quiet machine for a boot and two starts of Node, all of it emulated. */
const STEP_LIMIT = 300;

/** What went otherwise than promised, and what a client that waits for no disk lost: for people. */
export interface PowerCuts {
  readonly problems: readonly string[];
  readonly control: readonly string[];
}

/**
 * Cuts the power of a machine with an ext4 disk: publishes there and records a run, kills QEMU as soon as that was
 * acknowledged, and looks at the disk after the next boot. Then the same with PIKACI_NO_SYNC=1. docs/state-layout.md says
 * what is promised. `host` is one with machines whose kernel has ext4.
 */
export async function cutPower(host: LabHost, scratch: string): Promise<PowerCuts> {
  await prepare(join(host.rootDir, PLACE), scratch);
  const published = (await step(host, "publish")).find((line) => line.startsWith("published "));
  const name = published?.replace("published ", "") ?? "none";
  const looked = await step(host, "record");
  const recorded = await step(host, "control");
  const found = [...looked, ...recorded.filter((line) => !line.startsWith("published "))];
  const promised = [`snapshot ${name} has ${FILES} files`, "record whole", "verdict whole"];
  return {
    problems: [
      ...promised.filter((line) => !found.includes(line)).map((line) => `not found: ${line}`),
      ...found.filter((line) => !promised.includes(line)),
    ],
    control: await step(host, "end"),
  };
}

/** Node, the package, a writer of records and a tree, for the machine to see. */
async function prepare(place: string, scratch: string): Promise<void> {
  cpSync(join(ROOT, "test/fixtures/power-cut"), place, { recursive: true });
  cpSync(realpathSync(process.execPath), join(place, "node"));
  copyPackage(join(place, "package"));
  await bundle(join(scratch, "dist"));
  const writer = { entryPoints: [join(ROOT, "test/runs/durable-writer.ts")], external: [...EXTERNAL] };
  await build({ ...FOR_NODE, ...writer, splitting: false, outfile: join(scratch, "dist/writer.mjs") });
  cpSync(join(scratch, "dist"), join(place, "package/dist"), { recursive: true });
  for (let number = 0; number < FILES; number += 1) {
    const directory = join(place, "tree", String(number % 10));
    mkdirSync(directory, { recursive: true });
    writeFileSync(join(directory, `file-${number}`), `content of ${number}\n`.repeat(100));
  }
}

/** Boots, lets a step be done, and cuts the power; what the machine said, without its last word. Throws Error where it failed. */
async function step(host: LabHost, name: string): Promise<string[]> {
  const console = join(host.rootDir, PLACE, `${name}.console`);
  const said = () =>
    existsSync(console)
      ? [...readFileSync(console, "latin1").matchAll(/power-cut: (.*?)\r?\n/g)].map(([, text = ""]) => text)
      : [];
  let ended: string | null = null;
  const machine = host.exec(`sh /${PLACE}/machine.sh ${name}`).then(({ exitCode, stderr }) => {
    ended = `the machine ended with ${exitCode}: ${stderr}`;
  });
  try {
    await waitFor(`the step ${name} in the machine`, STEP_LIMIT, () => {
      if (said().at(-1) === "acknowledged") return true;
      if (ended !== null && said().at(-1) !== "over") throw new Error([ended, ...said()].join("\n"));
      return ended === null ? undefined : true;
    });
  } finally {
    const processes = await host.processes();
    const found = processes.find(
      ({ args }) => args.startsWith("qemu-system") && args.includes(`step=${name}`),
    );
    if (found !== undefined) await host.exec(`kill -9 ${found.pid}`);
    await machine;
  }
  return said().slice(0, -1);
}

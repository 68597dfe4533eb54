import { existsSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import {
  casesOf,
  interleaved,
  nameOf,
  type Shard,
  sample,
  type Tried,
  tryCase,
} from "../../test/attack/corrupt.ts";
import { openWitness } from "../../test/attack/evidence.ts";
import { openScene } from "../../test/attack/scene.ts";
import { buildClient } from "../suites/client.ts";
import { badOnes, tell } from "./tell.ts";

export interface CorruptionsAsked {
  /** At most so many, an even sample. */
  readonly limit: number;
  readonly shard: Shard;
  /** Only those whose name contains it. */
  readonly text: string;
}

/** Tries corruptions of every document on this machine; gives how many were bad. */
export async function runCorruptions({ limit, shard, text }: CorruptionsAsked): Promise<number> {
  process.env.TMPDIR = memoryDirectory();
  const scene = await openScene();
  const witness = openWitness(scene, [await buildClient()]);
  try {
    const named = casesOf(scene, shard).filter((one) => nameOf(one).includes(text));
    const tried: Tried[] = [];
    for (const one of interleaved(sample(named, limit))) {
      const result = await tryCase(scene, one, witness);
      tell(result);
      tried.push(result);
    }
    const commands = tried.reduce((sum, one) => sum + one.commands, 0);
    const unseen = tried.filter((one) => one.commands === 0).length;
    console.log(
      `${tried.length} corruptions, ${commands} commands, ${unseen} of what no command touches, ${badOnes(tried)} bad`,
    );
    return badOnes(tried);
  } finally {
    scene.close();
  }
}

/** Where a sync costs nothing and the thousands of copies of the scene wear no disk; programs must run there. */
function memoryDirectory(): string {
  const place = "/dev/shm";
  const mounts = existsSync("/proc/self/mounts") ? readFileSync("/proc/self/mounts", "utf8").split("\n") : [];
  const options = mounts.map((line) => line.split(" ")).findLast(([, at]) => at === place)?.[3];
  return options === undefined || options.split(",").includes("noexec") ? tmpdir() : place;
}

import { casesOf, nameOf, type Shard, sample, type Tried, tryCase } from "../../test/attack/corrupt.ts";
import { openScene } from "../../test/attack/scene.ts";
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
  const scene = await openScene();
  try {
    const named = casesOf(scene, shard).filter((one) => nameOf(one).includes(text));
    const tried: Tried[] = [];
    for (const one of sample(named, limit)) {
      const result = await tryCase(scene, one);
      tell(result);
      tried.push(result);
    }
    const commands = tried.reduce((sum, one) => sum + one.commands, 0);
    console.log(`${tried.length} corruptions, ${commands} commands, ${badOnes(tried)} bad`);
    return badOnes(tried);
  } finally {
    scene.close();
  }
}

import { type ContractSite, openContract } from "../lab/contract-run.ts";

export interface StressRun {
  /** What a run recorded otherwise than the contract says; of a job, a line or more. */
  readonly mismatches: readonly string[];
  readonly wrong: number;
  /** The last that the client said, where something is wrong. */
  readonly said: string;
}

/** Runs the contract again and again on one host. A verdict is wrong when anything of its job is not as the table says. */
export async function stressContract(
  site: ContractSite,
  runs: number,
  tell: (run: StressRun) => void,
): Promise<readonly StressRun[]> {
  const contract = openContract(site);
  const all: StressRun[] = [];
  try {
    for (let n = 0; n < runs; n++) {
      const said = await contract.run();
      const mismatches = contract.mismatches();
      const wrong = new Set(mismatches.map((line) => line.split(":", 1)[0])).size;
      const run = { mismatches, wrong, said: wrong === 0 ? "" : said };
      tell(run);
      all.push(run);
    }
    return all;
  } finally {
    contract.remove();
  }
}

import { type ContractSite, openContract } from "../lab/contract-run.ts";

export interface StressRun {
  /** How the run's record differs from the contract; a job can have several lines. */
  readonly mismatches: readonly string[];
  /** Jobs. */
  readonly wrong: number;
  /** The end of what the client printed, if something is wrong. */
  readonly said: string;
}

/** Runs the contract again and again on one host. A verdict is wrong when anything of its job differs from the table. */
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

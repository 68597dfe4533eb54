import {
  CONTRACT_SECRET,
  configured,
  contractMismatches,
  type Expected,
  writeContractFiles,
} from "./job-contract.ts";
import { openRig } from "./rig.ts";

export interface ContractSite {
  readonly url: string;
  /** Of the account unless said. */
  readonly workDir?: string;
  /** Of a host behind ssh. */
  readonly sshOptions?: string;
  readonly runner: unknown;
  /** Guests at once. */
  readonly limit: number;
  /** pikaci's own unless said. */
  readonly lease?: string;
  readonly jobs: Readonly<Record<string, Expected>>;
}

/** A project whose jobs are the contract's, on one host; each run of it is of all of them. */
export interface Contract {
  /** Gives the end of what the client printed. */
  run(): Promise<string>;
  /** What the newest run recorded otherwise than the table says, a line each, which begins with the job. */
  mismatches(): readonly string[];
  remove(): void;
}

export function openContract({ url, workDir, lease, limit, jobs, ...site }: ContractSite): Contract {
  const rig = openRig({ NIX_SSHOPTS: site.sshOptions ?? "", CONTRACT_SECRET });
  writeContractFiles(rig);
  rig.configure({
    ...{ host: "there", hosts: { there: { url, workDir, lease } }, limits: { jobs: limit } },
    jobs: configured(jobs, site.runner),
  });
  return {
    run: async () => (await rig.pikaci("run", "-q")).stderr.slice(-2000),
    mismatches: () => contractMismatches(rig, jobs),
    remove: () => rig.remove(),
  };
}

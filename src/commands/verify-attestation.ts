import { resolve } from "node:path";
import { parseDuration } from "../config/duration.ts";
import { UsageError } from "../core/errors.ts";
import { type Attested, verifyAttestation } from "../operations/attestation/verify-attestation.ts";
import { sanitise } from "../report/sanitise.ts";
import { type Handler, openPlace, type Place } from "./call.ts";
import { printJson, printLines } from "./invocation.ts";
import type { Args } from "./table.ts";

/** As of what is not trusted; docs/exit-codes.md. */
const REFUSED = 4;

type Words = Args<"verify-attestation">;

export const handle: Handler<Words> = async (args, call) => {
  const place = await openPlace(call);
  const { invocation } = place;
  const { file, signer, run } = args;
  if (args.allowedSigners === null)
    throw new UsageError("--allowed-signers is missing: a signature counts only if its signer is expected", {
      hint: "`--allowed-signers FILE` names a file outside of the tree; docs/attestations.md",
    });
  const request = {
    file: resolve(invocation.cwd, file),
    allowedSigners: resolve(invocation.cwd, args.allowedSigners),
    signer,
    run,
    tree: treeRequest(args, place),
  };
  const found = await verifyAttestation(request, place.context());
  if (args.json) printJson(invocation, found);
  else printLines(invocation, formatAttested(found, args));
  return found.wrong.length === 0 ? 0 : REFUSED;
};

function treeRequest({ tree, target, job: jobs, maxAge }: Words, { config }: Place) {
  if (!tree) {
    if (target === null && jobs.length === 0) return null;
    throw new UsageError("which jobs must have passed is asked only together with `--tree`", {
      hint: "add `--tree`",
    });
  }
  const maxAgeMs = parseDuration(maxAge);
  if (maxAgeMs === null)
    throw new UsageError(`--max-age: cannot read ${JSON.stringify(maxAge)}`, {
      hint: "as in 12h or 7d; at most 24d",
    });
  return { config, target, jobs, maxAgeMs };
}

/** What is wrong comes first. */
export function formatAttested(
  { signers, statement, wrong }: Attested,
  { tree, run }: Pick<Words, "tree" | "run">,
): string[] {
  const { metadata, builder, byproducts } = statement.predicate.runDetails;
  const { invocationId: id, finishedOn } = metadata;
  const verdict =
    wrong.length > 0
      ? `refused: run ${id} is not what was asked for`
      : tree
        ? `accepted: run ${id} stands for a run of this tree`
        : `the signed statement about run ${id} is as it was written`;
  return [
    verdict,
    ...wrong.map(({ what, why }) => `  ${what} ${why}`),
    ...signers.map(({ principal, key }) => `  signed by ${principal} (${key})`),
    `  finished ${finishedOn} on ${builder.id}`,
    ...byproducts.map(({ annotations: { job, status } }) => `  ${job} ${status}`),
    ...(tree || run !== null
      ? []
      : ["  not checked: whether it is about this tree (--tree) or a run (--run)"]),
  ].map(sanitise);
}

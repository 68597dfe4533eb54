import { ConfigError } from "../core/errors.ts";
import type { JobSpec } from "../core/job.ts";
import type { HashedSnapshot } from "../core/snapshot.ts";
import { globsWithoutMatch } from "../tree/globs.ts";
import { formatPath } from "./issues.ts";

/**
 * ConfigError that names each of the jobs' `inputs` which match no file of the snapshot: a verdict must not be repeated
 * because of a misspelt glob.
 */
export function checkInputs(jobs: readonly JobSpec[], { entries }: Pick<HashedSnapshot, "entries">): void {
  const paths = entries.map(({ path }) => path);
  const lines = jobs.flatMap(({ name, inputs = [] }) =>
    globsWithoutMatch(inputs, paths).map(
      (glob) =>
        `  ${formatPath(["jobs", name, "inputs"])}: ${JSON.stringify(glob)} matches no file of the snapshot`,
    ),
  );
  if (lines.length === 0) return;
  throw new ConfigError(["inputs that match nothing:", ...lines].join("\n"), {
    hint: "correct or remove them; `pikaci snapshot --explain PATH` says why a file is not in the snapshot",
  });
}

import * as assert from "uvu/assert";
import { givenBy, packagesFor } from "../../scripts/setup/packages.ts";
import type { Completed } from "../lab/command.ts";
import { onFreshMachine } from "./machine.ts";
import { readmeCommands } from "./readme.ts";

/** One suite for each thing that the set-up is for, Nix, hosts of the lab, a terminal of tmux's, and those that become another user. */
const SUITES = "guest/nix-string lab/owner report/live.test tree/hash.test tree/snapshot.test";

/** What the set-up of the tests has to bring. */
export const given = [...new Set(packagesFor("test").flatMap(givenBy))];

/** Names of programs and absolute paths that are not there. */
export const MISSING = 'for name; do command -v "$name" >/dev/null || [ -e "$name" ] || echo "$name"; done';

/** What a script printed that succeeded on a machine of its own. */
export async function succeeds(script: string): Promise<string> {
  const done = await onFreshMachine(`export PIKACI_FRESH=1; ${script}`);
  if (done.exitCode === 0) return done.stdout;
  throw new Error(`exit ${done.exitCode}\n${tail(done)}`);
}

const tail = ({ stdout, stderr }: Completed) => `${stdout}${stderr}`.split("\n").slice(-80).join("\n");

/** Types README's command of the tests; then all that the set-up is for is there, and the suites have passed. */
export async function testsRun(): Promise<void> {
  const { tests } = readmeCommands();
  const said = await succeeds(
    `cd ~/pikaci && { ${tests} -- --set-up ${SUITES}; } 2>&1 || exit; missing() { ${MISSING}; }; echo missing:; missing ${given.join(" ")}`,
  );
  for (const name of SUITES.split(" "))
    assert.match(said, new RegExp(`^ok   test/${name}(\\.test)?\\.ts: \\d+ passed`, "m"));
  assert.match(said, /^\d+ passed, 0 failed$/m);
  assert.match(said, /\nmissing:\n$/);
}

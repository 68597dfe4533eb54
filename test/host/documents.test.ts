// needs: nix
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { InfraError } from "../../src/core/errors.ts";
import { secretsFile } from "../../src/guest/secrets.ts";
import { documentBytes } from "../../src/remote/channel.ts";
import { makeDirectory, rejection, removeWorkspaces } from "../workspace.ts";
import { endGuards, type Guarded, type GuardOptions, jobSpec, startGuard } from "./guard-rig.ts";

const test = suite("documents that do not come whole");
test.after(endGuards);
test.after(removeWorkspaces);

/** Nothing holds the lock of the job or of its run. */
function assertFree({ workDir, jobDir }: Guarded): void {
  for (const lock of [join(jobDir, "alive"), join(workDir, "locks/run-20260101T000000Z-0123abcd")])
    assert.is(spawnSync("flock", ["-n", lock, "true"]).status, 0, lock);
}

interface Cut {
  readonly options: GuardOptions;
  /** The client's input ends after what it sends. */
  readonly ends: boolean;
  readonly where: InfraError["where"];
  readonly message: RegExp;
  readonly hint: RegExp;
}

const secrets = { TOKEN: "one that nobody guesses" };
const silent = { secrets, heartbeat: false, params: { lease_ms: "1000" } };
const network = { where: "network", hint: /check the connection to the host/ } as const;

/** A `mkdir` in whose directories job.json cannot be written. */
function fullDisk(): { readonly PATH: string } {
  const dir = makeDirectory();
  const text = '#!/bin/sh\n/bin/mkdir "$@" || exit\nfor made; do :; done\n';
  const full = '[ ! -d "$made/../../jobs" ] || ln -s /dev/full "$made/job.json"\n';
  writeFileSync(join(dir, "mkdir"), `${text}${full}`, { mode: 0o755 });
  return { PATH: `${dir}:${process.env.PATH}` };
}

const cuts: Readonly<Record<string, Cut>> = {
  "silence before the first": {
    ...network,
    options: { ...silent, sent: 0 },
    ends: false,
    message: /^the client sent nothing for 1 s before all of the job's secrets had come$/,
  },
  "silence in the middle": {
    ...network,
    options: { ...silent, sent: 10 },
    ends: false,
    message: /^the client sent nothing for 1 s before all of the job's secrets had come$/,
  },
  "an end before the first": {
    ...network,
    options: { secrets, sent: 0 },
    ends: true,
    message: /^the client went away before all of the job's secrets had come$/,
  },
  "an end in the middle": {
    ...network,
    options: { secrets, sent: 10 },
    ends: true,
    message: /^the client went away before all of the job's secrets had come$/,
  },
  "an end before what is masked": {
    ...network,
    options: { secrets, sent: documentBytes(secretsFile(jobSpec({ secrets: ["TOKEN"] }), secrets)).length },
    ends: true,
    message: /^the client went away before all of what is masked in the job's log had come$/,
  },
  "a full disk": {
    options: { env: fullDisk() },
    ends: false,
    where: "disk",
    message: /^the job's documents cannot be stored: [\d.]+\w? of [\d.]+\w? used on /,
    hint: /free space/,
  },
};

for (const [what, { options, ends, where, message, hint }] of Object.entries(cuts)) {
  test(`${what}: the guard ends, says why and holds nothing`, async () => {
    const guard = await startGuard(options);
    if (ends) guard.channel.end();
    const error = await rejection(guard.until("end"));
    if (!(error instanceof InfraError)) throw error;
    assert.is(error.where, where);
    assert.match(error.message, message);
    assert.match(error.hint ?? "", hint);
    assert.is(error.exitCode, 3);
    guard.channel.end();
    await guard.channel.closed;
    assertFree(guard);
  });
}

test.run();

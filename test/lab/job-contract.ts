import { createHash } from "node:crypto";
import { chmodSync, mkdirSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { JobAttempt, JobResult } from "../../src/core/job-result.ts";
import {
  HAND_ON,
  PRINT_SECRET,
  TRY_ETC,
  TRY_GIT,
  TRY_GIT_CHANGED,
  TRY_KERNEL,
  TRY_MOUNTED,
  TRY_NAMES,
  TRY_NEEDS,
  TRY_TIMES,
} from "./contract-commands.ts";
import { commitAll, GIT_PATH } from "./contract-repository.ts";
import { jobOf, type Rig } from "./rig.ts";
import { serviceJobs } from "./service-jobs.ts";

export interface Expected {
  readonly command: string | readonly string[];
  readonly more?: object;
  /** Other rows. */
  readonly needs?: readonly string[];
  /** Left out where the table is run in part. */
  readonly heavy?: true;
  /** Not of a derivation, which refuses it. */
  readonly notInBuilds?: true;
  readonly result: Partial<JobResult>;
  readonly message?: RegExp;
  readonly log?: RegExp;
  readonly artifacts?: readonly string[];
  readonly modes?: Readonly<Record<string, number>>;
  /** Of files: their length, and the most bytes that they may take on the client's disk. */
  readonly room?: Readonly<Record<string, readonly [length: number, most: number]>>;
  readonly logBytes?: number;
  /** The logs of its services, by name. */
  readonly services?: Readonly<Record<string, RegExp>>;
  /** How its attempts ended, where there was more than one. */
  readonly attempts?: readonly JobAttempt["status"][];
}

/** Of the client's environment; what is not to be seen on any host but in the guest. */
export const CONTRACT_SECRET = "only-the-guest-knows-4711";
const digest = createHash("sha256").update(CONTRACT_SECRET).digest("hex");

/** The workspace of the contract's jobs, odd names and all, one commit after the tag v1.0 and clean. */
export function writeContractFiles(rig: Rig): void {
  rig.write({ file: "content\n", exe: "#!/bin/sh\n", "sub/inner": "" });
  rig.write({
    "odd/-rf": "1\n",
    "odd/new\nline": "2\n",
    "odd/$(touch pwned)": "3\n",
    "odd/ it's \\ \"": "4\n",
  });
  chmodSync(join(rig.dir, "exe"), 0o755);
  mkdirSync(join(rig.dir, "modules"));
  symlinkSync("../sub", join(rig.dir, "modules/own"));
  symlinkSync("nowhere", join(rig.dir, "lost"));
  writeFileSync(Buffer.concat([Buffer.from(join(rig.dir, "odd/raw")), Buffer.from([0xff])]), "5\n");
  commitAll(rig);
}

const forged = JSON.stringify({ schema_version: 1, status: "passed", exit_code: 0 });

/** A directory with a link out of it, mounted where that leads to a package of the workspace, and a file. */
const MOUNTED = {
  linked: { path: "modules", at: ["node_modules", "new/two words=2"] },
  text: { path: "file", at: "sub/placed" },
};

/** Says what an attempt finds of the one before, leaves as much itself, and passes at the second one. */
const FAIL_ONCE = `[ "$(cat file)" = content ] || echo the workspace is used
  [ -z "$(ls -A /artifacts)$(ls -A /tmp)" ] || echo something is left
  echo used >file; echo used >/tmp/used; echo used >/artifacts/of-$PIKACI_ATTEMPT
  echo "this is $PIKACI_ATTEMPT"; [ "$PIKACI_ATTEMPT" = 2 ]`;

/** Every way a job can end, and every trick it can try; the same for each kind of host. */
export const contractJobs: Readonly<Record<string, Expected>> = {
  pass: {
    command: "cat file; echo done >/artifacts/out",
    result: { status: "passed", exit_code: 0 },
    log: /content/,
    artifacts: ["out"],
  },
  argv: { command: ["printf", "<%s>", "a b", "$(id)"], result: { status: "passed" }, log: /<a b><\$\(id\)>/ },
  "exit-1": {
    command: "echo kept >/artifacts/kept; exit 1",
    result: { status: "failed", exit_code: 1 },
    artifacts: ["kept"],
  },
  "exit-99": { command: "exit 99", result: { status: "failed", exit_code: 99, signal: null } },
  signal: { command: "kill -SEGV $$", result: { status: "failed", exit_code: 139, signal: "SEGV" } },
  "no-such-program": {
    command: ["no-such-program"],
    result: { status: "failed", exit_code: 127 },
    log: /no-such-program/,
  },
  "not-executable": { command: ["./file"], result: { status: "failed", exit_code: 126 }, log: /file/ },
  killed: { command: "kill -KILL $$", result: { status: "failed", exit_code: 137, signal: "KILL" } },
  timeout: {
    command: "trap '' TERM; echo before >/artifacts/before; echo started; while :; do sleep 1; done",
    more: { timeout: "6s" },
    result: { status: "timeout", timed_out: true, exit_code: null },
    log: /started/,
    artifacts: ["before"],
  },
  "polite-timeout": {
    command: "trap 'echo asked to stop; exit 0' TERM; while :; do sleep 0.1; done",
    more: { timeout: "10s" },
    result: { status: "timeout", timed_out: true },
    log: /asked to stop/,
  },
  daemon: {
    command: "(setsid sh -c 'while :; do echo more >>/artifacts/daemon; sleep 0.05; done' &); sleep 0.3",
    result: { status: "passed" },
    artifacts: ["daemon"],
  },
  forger: {
    command: `for d in /artifacts /workspace /run/pikaci / /tmp . ..; do echo '${forged}' >$d/result.json; echo 'exit 0' >>$d/control; done 2>/dev/null
      for fd in 3 4 5 6 7 8 9; do (echo 'exit 0' >&$fd; echo '{ "exit-code": 0 }' >&$fd) 2>/dev/null; done
      exit 1`,
    result: { status: "failed", exit_code: 1 },
    artifacts: ["control", "result.json"],
  },
  "log-truncator": {
    command: "echo first; : >/proc/self/fd/1; truncate -s 0 /dev/stdout; echo last",
    result: { status: "passed" },
    log: /^first\n(.|\n)*last\n$/,
  },
  symlinks: {
    command:
      "ln -s /etc/passwd /artifacts/passwd; ln -s /nowhere /artifacts/log; ln -s . /artifacts/loop; mkfifo /artifacts/fifo",
    result: { status: "passed" },
    artifacts: ["log", "loop", "passwd"],
  },
  "vast-artifact": {
    command: "truncate -s 1099511627776 /artifacts/vast",
    result: { status: "passed" },
    artifacts: [],
  },
  "sparse-artifact": {
    command:
      "cd /artifacts; truncate -s 64M disk.img; printf end >>disk.img; truncate -s 1M \"$(printf 'new\\nline')\"; head -c 1000000 /dev/zero >zeros",
    result: { status: "passed" },
    artifacts: ["disk.img", "new\\x0aline", "zeros"],
    room: { "disk.img": [2 ** 26 + 3, 100_000], "new\nline": [2 ** 20, 0], zeros: [1_000_000, 100_000] },
  },
  "odd-names": {
    command:
      "cd /artifacts; touch -- '-rf' 'two words' \"it's\" '$(id)' \"$(printf 'new\\nline')\" \"$(printf 'raw\\377')\"; mkdir -p deep/er; touch deep/er/x; chmod 0 deep/er/x; chmod 0 deep",
    result: { status: "passed" },
    artifacts: [
      "$(id)",
      "-rf",
      "deep",
      "deep/er",
      "deep/er/x",
      "it's",
      "new\\x0aline",
      "raw\\xff",
      "two words",
    ],
  },
  modes: {
    command: "cd /artifacts; for mode in 755 640 600; do echo x >$mode; chmod $mode $mode; done",
    result: { status: "passed" },
    artifacts: ["600", "640", "755"],
    modes: { 600: 0o600, 640: 0o640, 755: 0o755 },
  },
  "odd-workspace": {
    command: `cd odd; [ "$(ls -A | tr -cd a-z | wc -c)" = 25 ] || exit 9
      cat -- -rf "$(printf 'new\\nline')" '$(touch pwned)' ' it'"'"'s \\ "' "$(printf 'raw\\377')"`,
    result: { status: "passed" },
    log: /^1\n2\n3\n4\n5\n$/,
  },
  secret: {
    command: `printf %s "$CONTRACT_SECRET" | sha256sum; sleep 1
      case $(cat /proc/[0-9]*/cmdline | tr '\\0' ' ') in *"$CONTRACT_SECRET"*) exit 9 ;; esac`,
    more: { secrets: ["CONTRACT_SECRET"] },
    result: { status: "passed" },
    log: new RegExp(`^${digest} `),
    notInBuilds: true,
  },
  "printed-secret": {
    command: PRINT_SECRET,
    more: { secrets: ["CONTRACT_SECRET"], timeout: "5m" },
    result: { status: "passed" },
    log: /^<\*\*\*>\n\*\*\*\n<\*\*\*>\nprinted\nlet go\n$/,
    artifacts: ["seen"],
    notInBuilds: true,
  },
  "read-only": {
    command:
      "touch x && exit 9; echo x >file && exit 9; touch /nix/store/x && exit 9; touch /usr/x && exit 9; exit 0",
    result: { status: "passed" },
  },
  private: {
    command: "echo changed >file; rm exe; mkdir new; echo x >new/x; cat file",
    more: { workspace: "private" },
    result: { status: "passed" },
    log: /changed/,
  },
  mounted: {
    command: `${TRY_MOUNTED}
      touch x && exit 5; touch new/x && exit 5; echo x >file && exit 5; exit 0`,
    more: { prepare: MOUNTED },
    result: { status: "passed" },
  },
  "mounted-private": {
    command: `${TRY_MOUNTED}
      rmdir node_modules && exit 5; touch x new/x && echo x >file`,
    more: { prepare: MOUNTED, workspace: "private" },
    result: { status: "passed" },
  },
  "hands-on": { command: HAND_ON, result: { status: "passed" }, modes: { out: 0o600, tool: 0o755 } },
  "hands-nothing": { command: "true", result: { status: "passed" }, artifacts: [] },
  handed: {
    command: TRY_NEEDS,
    needs: ["hands-on", "hands-nothing"],
    result: { status: "passed", exit_code: 0 },
    log: /found\n$/,
    artifacts: [" it's", "-rf", "away", "new\\x0aline", "out", "raw\\xff", "tool"],
  },
  git: {
    command: TRY_GIT,
    more: { git: true, prepare: { git: { path: GIT_PATH } } },
    result: { status: "passed" },
    log: /^v1\.0-1-g[0-9a-f]{12}\n$/,
  },
  "git-changed": {
    command: TRY_GIT_CHANGED,
    more: { git: true, prepare: { git: { path: GIT_PATH } }, workspace: "private" },
    result: { status: "passed" },
    log: /^v1\.0-1-g[0-9a-f]{12}-dirty\n D exe\n M file\n\?\? new\n.*\n content\n\+more\n$/s,
  },
  times: {
    command: TRY_TIMES,
    result: { status: "passed" },
    log: /^tried\n$/,
  },
  "times-private": {
    command: TRY_TIMES,
    more: { workspace: "private" },
    result: { status: "passed" },
    log: /^tried\n$/,
  },
  "no-network": {
    command:
      'n=0; while read -r name _; do case $name in *:) n=$((n+1));; esac; done </proc/net/dev; [ "$n" = 1 ]',
    result: { status: "passed" },
  },
  names: { command: TRY_NAMES, result: { status: "passed" } },
  etc: { command: TRY_ETC, result: { status: "passed" }, log: /^tried\n$/ },
  isolated: {
    command:
      "[ \"$$\" -lt 100 ] && [ \"$(id -u)\" = 65534 ] && grep -q '^NoNewPrivs:.1' /proc/self/status && grep -q '^CapEff:.0*$' /proc/self/status",
    result: { status: "passed" },
  },
  root: {
    command: '[ "$(id -u)" = 0 ]',
    more: { user: "root" },
    result: { status: "passed" },
    notInBuilds: true,
  },
  "kernel-settings": { command: TRY_KERNEL, result: { status: "passed" }, log: /^tried\n$/ },
  "kernel-settings-root": {
    command: TRY_KERNEL,
    more: { user: "root" },
    result: { status: "passed" },
    log: /^tried\n$/,
    notInBuilds: true,
  },
  env: {
    command: "printf '<%s>' \"$ODD\"",
    more: { env: { ODD: 'it\'s $(id)\n"x"' } },
    result: { status: "passed" },
    log: /<it's \$\(id\)\n"x">/,
  },
  "file-limits": {
    command: `[ "$(ulimit -n)" = 64 ] || exit 8
      head -c 3000000 /dev/zero >/artifacts/cut && exit 9; [ "$(stat -c %s /artifacts/cut)" = 1048576 ]`,
    more: { limits: { fileSize: "1MiB", openFiles: 64 } },
    result: { status: "passed" },
    artifacts: ["cut"],
  },
  cwd: {
    command: "pwd; [ -f inner ]",
    more: { cwd: "sub" },
    result: { status: "passed" },
    log: /\/workspace\/sub/,
  },
  "large-log": {
    command: "head -c 5000000 /dev/zero | tr '\\0' x; echo; echo end",
    result: { status: "passed" },
    log: /xend\n$|x\nend\n$/,
  },
  "vast-log": {
    command:
      "x=$(head -c 999999 /dev/zero | tr '\\0' x); n=0; while [ $n -lt 50 ]; do echo $x; n=$((n + 1)); done; echo the end",
    result: { status: "passed" },
    log: /x\nthe end\n$/,
    logBytes: 50_000_008,
    heavy: true,
  },
  "instance (c++20, npm@10)": {
    command: `[ "$PIKACI_JOB" = "instance (c++20, npm@10)" ] && [ "$STANDARD" = c++20 ] || exit 9
      [ "$(uname -n)" = instance-c-20-npm-10 ] || exit 8
      echo "$PIKACI_MATRIX" >/artifacts/values; echo own >file; cat file`,
    more: {
      matrix: { standard: ["c++20"], manager: ["npm@10"] },
      env: { STANDARD: "${matrix.standard}" },
      workspace: "private",
    },
    result: { status: "passed", job: "instance (c++20, npm@10)" as JobResult["job"] },
    log: /^own\n$/,
    artifacts: ["values"],
  },
  "listed (1 of 1)": {
    command: `[ "$PIKACI_SHARD/$PIKACI_SHARDS" = 1/1 ] && cat "$PIKACI_SHARD_FILES" && rm "$PIKACI_SHARD_FILES"`,
    more: { shards: { count: 1, files: ["sub/*", "file"] } },
    result: { status: "passed" },
    log: /^file\nsub\/inner\n$/,
  },
  flaky: {
    command: FAIL_ONCE,
    more: { retries: 2, workspace: "private" },
    result: { status: "flaky", exit_code: 0 },
    attempts: ["failed", "passed"],
    message: /^exit 0 at attempt 2 of 3; the attempt before: exit 1/,
    log: /^this is 1\n── attempt 2 of 3; the one before: exit 1.* ──\nthis is 2\n$/,
    artifacts: ["of-2"],
  },
  "always-failing": {
    command: "head -c 300000 /dev/zero | tr '\\0' $PIKACI_ATTEMPT; exit $PIKACI_ATTEMPT",
    more: { retries: 2 },
    result: { status: "failed", exit_code: 3 },
    attempts: ["failed", "failed", "failed"],
    message: /^exit 3.* \(attempt 3 of 3\)$/,
    log: /^1{300000}\n──.*exit 1.*──\n2{300000}\n──.*exit 2.*──\n3{300000}\n?$/,
  },
  "flaky-timeout": {
    command: '[ "$PIKACI_ATTEMPT" = 2 ] || sleep 600; echo in time',
    more: { retries: 1, timeout: "10s" },
    result: { status: "flaky", exit_code: 0, timed_out: false },
    attempts: ["timeout", "passed"],
    log: /in time\n$/,
  },
  "flaky-secret": {
    command: `echo "$PIKACI_ATTEMPT $CONTRACT_SECRET"; printf %s "$CONTRACT_SECRET" | sha256sum; [ "$PIKACI_ATTEMPT" = 2 ]`,
    more: { retries: 1, secrets: ["CONTRACT_SECRET"] },
    result: { status: "flaky" },
    attempts: ["failed", "passed"],
    log: new RegExp(`^1 \\*{3}\n${digest} .*\n──.*──\n2 \\*{3}\n${digest} `),
    notInBuilds: true,
  },
  "raw-log": {
    command: "printf 'a\\377\\000b\\033[31m\\n'",
    result: { status: "passed" },
    log: /^a\ufffd\0?b/,
  },
  ...serviceJobs,
};

/** What a backend has to keep: all of it, or what is quick. */
export function contractOf(backend: string, part: "whole" | "quick"): Record<string, Expected> {
  return Object.fromEntries(
    Object.entries(contractJobs).filter(
      ([, { heavy, notInBuilds }]) =>
        !(part === "quick" && heavy) && !(backend === "derivation" && notInBuilds),
    ),
  );
}

/** The rows of these names, with those that they need. The whole table on each host is run by `npm run test:machines`. */
export function rowsNamed<T extends Pick<Expected, "needs">>(
  jobs: Readonly<Record<string, T>>,
  names: readonly string[],
): Readonly<Record<string, T>> {
  const unknown = names.filter((name) => !Object.hasOwn(jobs, name));
  if (unknown.length > 0) throw new Error(`the job contract has no ${unknown.join(", ")}`);
  const chosen = new Set([...names, ...names.flatMap((name) => jobs[name]?.needs ?? [])]);
  return Object.fromEntries(Object.entries(jobs).filter(([name]) => chosen.has(name)));
}

/** The jobs of a table as a configuration has them, instances by their matrix; `runner` for those that name none. */
export function configured(jobs: Readonly<Record<string, Expected>>, runner: unknown): object {
  return Object.fromEntries(
    Object.entries(jobs).map(([name, { command, needs, more }]) => [
      name.replace(/ \(.*/, ""),
      { command, needs, runner, ...more },
    ]),
  );
}

/** What the newest run of `rig` recorded otherwise than the table says, a line each. */
export function contractMismatches(
  rig: Rig,
  jobs: Readonly<Record<string, Expected>> = contractJobs,
): string[] {
  return Object.entries(jobs).flatMap(([name, expected]) => mismatches(name, expected, rig));
}

function mismatches(name: string, expected: Expected, rig: Rig): string[] {
  const { result, artifacts } = jobOf(rig.record(), name);
  const said = result?.started_at === null ? [`${name}: it never started`] : [];
  for (const [key, value] of Object.entries(expected.result)) {
    const actual = result?.[key as keyof JobResult];
    if (actual !== value) said.push(`${name}: ${key} is ${actual}, not ${value}: ${result?.message}`);
  }
  if (expected.message !== undefined && !expected.message.test(result?.message ?? ""))
    said.push(`${name}: its message is ${result?.message}`);
  const log = rig.jobFile(name, "guest.log");
  if (expected.log !== undefined && !expected.log.test(log))
    said.push(`${name}: its log is ${JSON.stringify(log.slice(-200))}`);
  for (const [service, wanted] of Object.entries(expected.services ?? {})) {
    const text = rig.jobFile(name, `services/${service}.log`);
    if (!wanted.test(text))
      said.push(`${name}: the log of ${service} is ${JSON.stringify(text.slice(-200))}`);
  }
  const paths = artifacts.map(({ path }) => path).sort();
  if (expected.artifacts !== undefined && paths.join("|") !== expected.artifacts.join("|"))
    said.push(`${name}: its artifacts are ${paths.join("|")}`);
  const attempts = result?.attempts?.map(({ status }) => status).join(" ") ?? "";
  if (attempts !== (expected.attempts ?? []).join(" ")) said.push(`${name}: its attempts are ${attempts}`);
  if (expected.logBytes !== undefined && log.length !== expected.logBytes)
    said.push(`${name}: its log has ${log.length} bytes`);
  for (const [path, mode] of Object.entries(expected.modes ?? {})) {
    const actual = statSync(join(rig.jobPath(name, "artifacts"), path)).mode & 0o777;
    if (actual !== mode) said.push(`${name}: the mode of ${path} is ${actual.toString(8)}`);
  }
  for (const [path, [length, most]] of Object.entries(expected.room ?? {})) {
    const { size, blocks } = statSync(join(rig.jobPath(name, "artifacts"), path));
    if (size !== length || blocks * 512 > most)
      said.push(`${name}: ${path} has ${size} bytes and takes ${blocks * 512}`);
  }
  return said;
}

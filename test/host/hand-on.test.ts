// needs: nix
// time-limit: 120
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, lstatSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parseJobName } from "../../src/core/ids.ts";
import { eventually } from "../lab/rig.ts";
import { makeDirectory, removeWorkspaces } from "../workspace.ts";
import { callHost } from "./call.ts";
import { endGuards, type Guarded, type GuardOptions, runGuard, shell, startGuard } from "./guard-rig.ts";

const test = suite("host: what a job leaves, kept for others");
test.after(endGuards);
test.after(removeWorkspaces);

const PUBLISHED_TIME = 315619200;

const leaves = (command: string, params: GuardOptions["params"] = {}): GuardOptions => ({
  job: { command: shell(command) },
  params: { hands_on: "link", durable: "no", ...params },
});

/** The directory with what a guard's job left; the work dir has no other. */
function keptOf(guard: Guarded): string {
  const digest = guard.result().artifacts_digest;
  assert.match(digest ?? "none", /^[0-9a-f]{64}$/);
  assert.equal(readdirSync(join(guard.workDir, "artifacts")), [digest]);
  assert.equal(readdirSync(join(guard.workDir, "tmp")), [], "nothing is left in tmp/");
  return join(guard.workDir, "artifacts", digest ?? "none");
}

/** The digest as docs/needs.md describes it, by other means: none of the host's programs. */
function digestOf(root: Buffer): string {
  const entries: Buffer[] = [];
  const sums: [Buffer, Buffer][] = [];
  const visit = (at: Buffer): void => {
    for (const name of readdirSync(Buffer.concat([root, Buffer.from("/"), at]), { encoding: "buffer" })) {
      const path = at.length === 0 ? name : Buffer.concat([at, Buffer.from("/"), name]);
      const whole = Buffer.concat([root, Buffer.from("/"), path]);
      const stat = lstatSync(whole);
      const kind = (text: string) => entries.push(Buffer.concat([path, Buffer.from(`//${text}\0`)]));
      if (stat.isDirectory()) {
        kind("d");
        visit(path);
      } else if (stat.isSymbolicLink())
        kind(`l${execFileSync("readlink", ["-n", "--", whole.toString("latin1")])}`);
      else {
        kind(`${(stat.mode & 0o100) === 0 ? "f" : "x"}${stat.size}`);
        const named = Buffer.concat([Buffer.from("./"), path, Buffer.from("\0")]);
        const sum = createHash("sha256").update(readFileSync(whole)).digest("hex");
        sums.push([named, Buffer.concat([Buffer.from(`${sum}  `), named])]);
      }
    }
  };
  visit(Buffer.alloc(0));
  const files = sums.sort(([a], [b]) => Buffer.compare(a, b)).map(([, line]) => line);
  const text = [
    Buffer.from("pikaci-artifacts/1\0"),
    ...entries.sort(Buffer.compare),
    Buffer.from("\0"),
    ...files,
  ];
  return createHash("sha256").update(Buffer.concat(text)).digest("hex");
}

const ODD = `cd /artifacts; umask 022; echo x >plain; echo y >tool; chmod 755 tool; echo z >secret; chmod 600 secret
  echo s >setuid; chmod 4755 setuid; mkdir -p deep/er empty; echo d >deep/er/-rf; ln -s ../plain deep/link; ln -s /etc/passwd out
  touch "$(printf 'new\\nline')" "$(printf 'raw\\377')" ' spaced '; ln plain linked; mkfifo fifo; chmod 0 deep`;

test("what it left is kept by its digest, in the form of published trees, odd names and all", async () => {
  for (const hands_on of ["link", "copy"]) {
    const guard = await runGuard(leaves(ODD, { hands_on }));
    assert.is(guard.result().status, "passed", guard.result().message);
    const kept = keptOf(guard);
    assert.is(digestOf(Buffer.from(kept)), guard.result().artifacts_digest, hands_on);
    const listed = execFileSync("find", [kept, "-mindepth", "1", "-printf", "%y%m %T@ %P\\0"], {
      encoding: "latin1",
    });
    const lines = listed.split("\0").filter((line) => line !== "");
    assert.equal(
      lines.map((line) => line.replace(` ${PUBLISHED_TIME}.0000000000 `, " ")).sort(),
      [
        "d755 deep",
        "d755 deep/er",
        "d755 empty",
        "f644  spaced ",
        "f644 deep/er/-rf",
        "f644 linked",
        "f644 new\nline",
        "f644 plain",
        "f644 raw\xff",
        "f644 secret",
        "f755 setuid",
        "f755 tool",
        "l777 deep/link",
        "l777 out",
      ],
      "no fifo, no other mode, one time",
    );
    assert.is(lstatSync(kept).mtimeMs / 1000, PUBLISHED_TIME);
    assert.is(existsSync(join(guard.jobDir, "needs")), false);
  }
});

test("the client gets what it would get anyway: its modes are the job's own", async () => {
  const guard = await runGuard(leaves("echo x >/artifacts/secret; chmod 600 /artifacts/secret"));
  const tar = Buffer.from(guard.artifacts(), "latin1");
  assert.match(execFileSync("tar", ["-tv"], { input: tar, encoding: "utf8" }), /^-rw------- .* \.\/secret$/m);
  assert.is(lstatSync(join(keptOf(guard), "secret")).mode & 0o777, 0o644);
});

test("digests: the same for the same tree, other ones for a mode, a name, a target, a byte, an empty directory", async () => {
  const digests = new Map<string, string>();
  for (const command of [
    "echo a >/artifacts/f",
    "cd /artifacts; echo a >g; mv g f; touch -d 2001-01-01 f",
    "echo a >/artifacts/f; chmod 755 /artifacts/f",
    "echo b >/artifacts/f",
    "echo a >/artifacts/g",
    "ln -s a /artifacts/f",
    "ln -s b /artifacts/f",
    "mkdir /artifacts/f",
    "true",
  ])
    digests.set(command, (await runGuard(leaves(command))).result().artifacts_digest ?? "none");
  const [first, second] = [...digests.values()];
  assert.is(first, second);
  assert.is(new Set(digests.values()).size, digests.size - 1);
});

const REFUSED: Readonly<Record<string, readonly [command: string, message: RegExp]>> = {
  "too many": [
    "cd /artifacts; seq 100001 | xargs touch",
    /100001 files and directories are more than 100000/,
  ],
  "too large": ["head -c 3000000 /dev/zero >/artifacts/f", /bytes are more than the limit of 2000000/],
  "holes that are too long": ["truncate -s 17M /artifacts/f", /sparse files are more than 16000000 bytes/],
  "too deep": ["cd /artifacts; for i in $(seq 200); do mkdir d && cd d; done", /more than 128 deep/],
  "names that are too long": [
    'cd /artifacts; n=$(printf %0250d 0); for i in $(seq 15); do mkdir "$n" && cd "$n"; done',
    /paths longer than 3500 bytes/,
  ],
};

for (const [what, [command, message]] of Object.entries(REFUSED))
  test(`a job has not passed whose artifacts cannot be handed on: ${what}`, async () => {
    const guard = await runGuard(leaves(command, { artifact_bytes: "2000000" }));
    const { status, exit_code, message: said, artifacts_digest } = guard.result();
    assert.equal([status, exit_code, artifacts_digest], ["failed", null, undefined]);
    assert.match(said, /^exit 0, but what it left cannot be handed on: /);
    assert.match(said, message);
    assert.equal(readdirSync(join(guard.workDir, "tmp")), []);
    assert.is(existsSync(join(guard.workDir, "artifacts")), false);
    // Node cannot remove what is too deep for it.
    execFileSync("rm", ["-rf", join(guard.workDir, "runs")]);
  });

test("a job that nobody needs keeps nothing, and one that failed stays failed", async () => {
  const alone = await runGuard({ job: { command: shell("echo x >/artifacts/f") } });
  assert.is(alone.result().artifacts_digest, undefined);
  assert.is(existsSync(join(alone.workDir, "artifacts")), false);
  const failed = await runGuard(leaves("echo x >/artifacts/f; exit 3"));
  assert.equal([failed.result().status, failed.result().exit_code], ["failed", 3]);
});

test("the next job finds it read-only, and nobody removes it meanwhile", async () => {
  const first = await runGuard(
    leaves("echo kept >/artifacts/f; echo t >/artifacts/tool; chmod 755 /artifacts/tool"),
  );
  const digest = first.result().artifacts_digest ?? "none";
  const { workDir } = first;
  const name = parseJobName("second");
  const second = await startGuard({
    job: {
      name,
      command: shell("ls /needs; cat /needs/build/f; touch /needs/build/x || echo no; sleep 600"),
    },
    params: { work_dir: workDir, needs: `build=${digest}` },
  });
  await eventually("the job looked", 90, async () => {
    await second.until("log");
    return second.log().endsWith("no\n") ? true : null;
  });
  assert.match(second.log(), /^build\nkept\n.*no\n$/s);
  writeFileSync(join(workDir, "pikaci-work-dir"), "");
  assert.match(collect(workDir, digest), /^kept \d+\n\S+ ,held/);
  await second.channel.write("cancel\n");
  await second.until("end");
  second.channel.end();
  await second.channel.closed;
  assert.match(collect(workDir, digest), /removed/);
  const gone = await startGuard({
    job: { name: parseJobName("third") },
    params: { work_dir: workDir, needs: `build=${digest}` },
  });
  await gone.until("error").then(
    () => assert.unreachable(),
    (error: Error) => assert.match(error.message, /what build left, .* is no longer on this host/),
  );
});

/** What `gc.sh` says when it is asked to remove artifacts. */
function collect(workDir: string, digest: string): string {
  const params = { work_dir: workDir, remove: "yes", min_age_s: "0" };
  const list = `artifacts/${digest}\n`;
  const input = `${Buffer.byteLength(list)}\n${list}`;
  const parts = ["lib/locks", "lib/json", "lib/layout", "lib/remove", "work-dir", "kept", "gc"];
  return callHost("sh", parts, ["true"], { params, input }).output.toString();
}

test("bad words for needs end the guard by name", async () => {
  for (const [needs, message] of [
    ["build=abc", /`need_digest` is `abc`/],
    [`../x=${"a".repeat(64)}`, /`need` is `\.\.\/x`/],
  ] as const) {
    const guard = await startGuard({ params: { needs } });
    await guard.until("end").then(
      () => assert.unreachable(),
      (error: Error) => assert.match(error.message, message),
    );
  }
});

test("a full disk is infra, and said; nothing half is kept", async () => {
  const dir = makeDirectory();
  writeFileSync(join(dir, "cp"), '#!/bin/sh\necho "cp: write error: No space left on device" >&2\nexit 1\n', {
    mode: 0o755,
  });
  const guard = await runGuard({
    ...leaves("echo x >/artifacts/f"),
    env: { PATH: `${dir}:${process.env.PATH}` },
  });
  assert.is(guard.result().status, "infra");
  assert.match(guard.result().message, /^disk: what it left could not be kept .*No space left on device/);
  assert.equal(readdirSync(join(guard.workDir, "tmp")), []);
  assert.is(existsSync(join(guard.workDir, "artifacts")), false);
});

test("a guard that is killed half-way leaves nothing under a digest, and its helper ends", async () => {
  const dir = makeDirectory();
  writeFileSync(join(dir, "sha256sum"), `#!/bin/sh\necho $$ >${dir}/pid\nexec sleep 600\n`, { mode: 0o755 });
  const guard = await startGuard({
    ...leaves("echo x >/artifacts/f"),
    env: { PATH: `${dir}:${process.env.PATH}` },
  });
  const pid = await eventually("what is left is hashed", 30, () =>
    existsSync(join(dir, "pid")) ? readFileSync(join(dir, "pid"), "utf8").trim() : null,
  );
  const { guard_pid } = JSON.parse(readFileSync(join(guard.jobDir, "state.json"), "utf8"));
  process.kill(guard_pid, "SIGKILL");
  await eventually("its helper is gone", 10, () => (existsSync(`/proc/${pid}`) ? null : true));
  assert.is(existsSync(join(guard.workDir, "artifacts")), false);
  const [staged = "none"] = readdirSync(join(guard.workDir, "tmp"));
  assert.match(staged, /^artifacts\.[0-9A-Za-z]{8}$/);
  execFileSync("flock", ["-n", join(guard.workDir, "tmp", staged), "true"]);
  const named = callHost("sh", ["work-dir"], ["is_ours", `tmp/${staged}`], {
    params: { work_dir: guard.workDir },
  });
  assert.is(named.status, 0, "the next session's sweep removes it");
});

test("two jobs that leave the same at once are one thing, and nothing lies inside of it", async () => {
  const { workDir } = await runGuard({});
  const guards = await Promise.all(
    ["one", "two", "three"].map((name) =>
      startGuard({
        job: { name: parseJobName(name), command: shell("mkdir /artifacts/d; seq 1000 >/artifacts/d/f") },
        params: { work_dir: workDir, hands_on: "link" },
      }),
    ),
  );
  await Promise.all(guards.map((guard) => guard.until("end")));
  const digests = new Set(guards.map((guard) => guard.result().artifacts_digest));
  assert.is(digests.size, 1);
  for (const guard of guards) {
    guard.channel.end();
    await guard.channel.closed;
  }
  const [digest = "none"] = digests;
  assert.equal(readdirSync(join(workDir, "artifacts")), [digest]);
  assert.is(digestOf(Buffer.from(join(workDir, "artifacts", digest))), digest);
});

test("an empty directory is a tree like any other", async () => {
  const guard = await runGuard(leaves("true"));
  assert.is(digestOf(Buffer.from(keptOf(guard))), guard.result().artifacts_digest);
});

test.run();

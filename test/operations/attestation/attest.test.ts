import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Context } from "../../../src/core/context.ts";
import { TrustError, UsageError } from "../../../src/core/errors.ts";
import { attestRun } from "../../../src/operations/attestation/attest.ts";
import { keyOfGit, signingKey } from "../../../src/operations/attestation/signing-key.ts";
import { encodeForSignature } from "../../../src/runs/attestation/envelope.ts";
import { git, makeDirectory, rejection, removeWorkspaces } from "../../workspace.ts";
import { allow, attest, makeKey, OURS, recordedRun, verify } from "./rig.ts";

const test = suite("what is attested");
const key = makeKey();
const signers = allow([`alice ${OURS}`, key]);
test.after(removeWorkspaces);

type Recorded = Awaited<ReturnType<typeof recordedRun>>;

async function refusal(run: Recorded): Promise<string> {
  const error = await rejection(attest(run, key));
  if (!(error instanceof TrustError)) throw error;
  return error.message;
}

test("what is signed is DSSE's encoding of type and payload", () => {
  const encoded = encodeForSignature("http://example.com/HelloWorld", Buffer.from("hello world"));
  assert.is(encoded.toString(), "DSSEv1 29 http://example.com/HelloWorld 11 hello world");
  assert.is(encodeForSignature("é", Buffer.from("ü")).toString(), "DSSEv1 2 é 2 ü");
});

const replace = (file: string, from: string, to: string) =>
  writeFileSync(file, readFileSync(file, "utf8").replaceAll(from, to));

const changes: readonly (readonly [string, (run: string) => void, RegExp])[] = [
  [
    "whose sealed record says another verdict",
    (run) => replace(join(run, "run.json"), '"passed"', '"cached"'),
    /run.json has no seal of this account/,
  ],
  [
    "whose sealed record names another tree",
    (run) => replace(join(run, "run.json"), '"byte_count": 4', '"byte_count": 5'),
    /run.json has no seal of this account/,
  ],
  [
    "of whose artifacts one was changed",
    (run) => writeFileSync(join(run, "jobs/unit/artifacts/report"), "better"),
    /jobs\/unit\/artifacts\/report was changed/,
  ],
  [
    "of whose artifacts one is gone",
    (run) => rmSync(join(run, "jobs/unit/artifacts/report")),
    /jobs\/unit\/artifacts\/report is gone/,
  ],
  [
    "of which a job was another",
    (run) => replace(join(run, "jobs/unit/job.json"), "make test", "true"),
    /jobs\/unit\/job.json was changed/,
  ],
  [
    "of which a result was another",
    (run) => replace(join(run, "jobs/unit/result.json"), "0", "1"),
    /jobs\/unit\/result.json was changed/,
  ],
  ["without its plan", (run) => rmSync(join(run, "plan.json")), /plan.json is gone/],
];

for (const [name, change, expected] of changes)
  test(`refused: a run ${name}`, async () => {
    const run = await recordedRun();
    change(run.recorder.directory);
    const error = await rejection(attest(run, key));
    assert.match(error instanceof Error ? error.message : "", expected);
  });

test("refused: a run that has not ended, that is detached, untrusted, or of another account", async () => {
  assert.match(await refusal(await recordedRun({ end: "running" })), /has not ended/);
  assert.match(await refusal(await recordedRun({ end: "detached" })), /goes on without a client/);
  assert.match(await refusal(await recordedRun({ author: "stranger" })), /is of an untrusted tree/);
  const run = await recordedRun();
  const memory = { ...run.context.memory, key: Buffer.alloc(32, 2) };
  assert.match(await refusal({ ...run, context: { ...run.context, memory } }), /has no seal of this account/);
});

test("refused: a record that is of another workspace", async () => {
  const [run, other] = [await recordedRun(), await recordedRun()];
  const from = run.recorder.directory;
  renameSync(from, join(other.context.stateDir, "runs", run.recorder.runId));
  const memory = { ...other.context.memory, workspaceId: "1".repeat(64) };
  const context = { ...other.context, memory };
  const error = await rejection(attestRun({ run: run.recorder.runId, key }, context));
  assert.ok(error instanceof TrustError);
});

test("a key that cannot sign is named, and no passphrase is asked for without a terminal", async () => {
  const run = await recordedRun();
  const locked = join(makeDirectory(), "locked");
  execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "a passphrase", "-f", locked]);
  const context = {
    ...run.context,
    env: { ...run.context.env, SSH_ASKPASS_REQUIRE: "force", SSH_ASKPASS: "/bin/false" },
  };
  const error = await rejection(attestRun({ run: "latest", key: locked }, context));
  assert.ok(error instanceof TrustError, String(error));
  assert.match(error.message, `the key ${locked} signs nothing: `);
  const gone = await rejection(attest(run, `${locked}.gone`));
  assert.ok(gone instanceof UsageError);
});

/** An agent that has a key whose private file is gone; `use` gets its environment, and the public file. */
async function withAgent(
  use: (env: Record<string, string>, publicKey: string) => Promise<void>,
): Promise<void> {
  const socket = join(makeDirectory(), "agent");
  const agent = spawn("ssh-agent", ["-D", "-a", socket], { stdio: ["ignore", "pipe", "ignore"] });
  try {
    while (!existsSync(socket)) await once(agent.stdout, "data");
    const own = makeKey();
    const env = { SSH_AUTH_SOCK: socket };
    execFileSync("ssh-add", ["-q", own], { env: { ...process.env, ...env }, stdio: "pipe" });
    rmSync(own);
    await use(env, `${own}.pub`);
  } finally {
    agent.kill();
    await once(agent, "exit");
  }
}

test("a key that only ssh-agent has signs, named by its file or by git", async () =>
  withAgent(async (env, file) => {
    const run = await recordedRun();
    const context: Context = { ...run.context, env: { ...run.context.env, ...env } };
    const allowed = allow([`bob ${OURS}`, file.replace(/\.pub$/, "")]);
    const named = await attestRun({ run: "latest", key: file }, context);
    assert.equal((await verify(named, allowed, run)).wrong, []);
    git(context.workspace, "init", "-q");
    git(context.workspace, "config", "gpg.format", "ssh");
    git(context.workspace, "config", "user.signingkey", `key::${readFileSync(file, "utf8").trim()}`);
    const configured = await attestRun({ run: "latest", key: null }, context);
    const found = await verify(configured, allowed, run);
    assert.equal(
      found.signers.map(({ principal }) => principal),
      ["bob"],
    );
  }));

test("without --key it is git's key where git signs with ssh, else ~/.ssh/id_ed25519, else an error", async () => {
  const { context } = await recordedRun();
  const home = context.env.HOME ?? "";
  const none = await rejection(signingKey(null, context));
  assert.ok(none instanceof UsageError);
  assert.match(
    none.message,
    `no key to sign with: git has no user.signingkey of ssh, and ${home}/.ssh/id_ed25519`,
  );
  mkdirSync(join(home, ".ssh"));
  writeFileSync(join(home, ".ssh/id_ed25519"), "");
  const plain = { kind: "file", path: join(home, ".ssh/id_ed25519") };
  assert.equal(await signingKey(null, context), plain);
  writeFileSync(join(home, ".gitconfig"), "[user]\nsigningkey = 0123ABCD\n");
  assert.equal(await signingKey(null, context), plain);
  writeFileSync(join(home, ".gitconfig"), "[user]\nsigningkey = ~/keys/ci\n[gpg]\nformat = ssh\n");
  assert.equal(await signingKey(null, context), { kind: "file", path: join(home, "keys/ci") });
});

test("git's key is a path, or the key itself", () => {
  assert.equal(keyOfGit("/k"), { kind: "file", path: "/k" });
  assert.equal(keyOfGit("key::ecdsa-sha2-nistp256 AAAA"), {
    kind: "public",
    text: "ecdsa-sha2-nistp256 AAAA",
  });
  assert.equal(keyOfGit("ssh-ed25519 AAAA"), { kind: "public", text: "ssh-ed25519 AAAA" });
});

test("a run that failed is attested as what it is", async () => {
  const run = await recordedRun({ statuses: { unit: "failed" } });
  const found = await verify(await attest(run, key), signers, run, { run: "latest" });
  assert.equal(found.wrong, [{ what: "unit", why: "is failed, exit code 1" }]);
});

test.run();

import { appendFileSync, chmodSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { formatAttested } from "../../../src/commands/verify-attestation.ts";
import type { Envelope, Statement } from "../../../src/core/attestation.ts";
import type { Context } from "../../../src/core/context.ts";
import { PikaciError, TrustError } from "../../../src/core/errors.ts";
import { NO_NIX_OPTIONS } from "../../../src/nix/options.ts";
import { git, makeDirectory, rejection, removeWorkspaces } from "../../workspace.ts";
import {
  allow,
  attest,
  CONFIG,
  makeKey,
  OURS,
  recordedRun,
  signAnything,
  statementOf,
  verify,
  writeConfig,
} from "./rig.ts";

const test = suite("attestations, attacked");
const [alice, mallory] = [makeKey(), makeKey()];
const signers = allow([`alice@example.org ${OURS}`, alice]);
const run = await recordedRun();
const envelope = await attest(run, alice);
test.after(removeWorkspaces);

async function refusal(promise: Promise<unknown>): Promise<string> {
  const error = await rejection(promise);
  if (!(error instanceof TrustError)) throw error;
  return error.message;
}

async function reasons(promise: ReturnType<typeof verify>): Promise<string[]> {
  return (await promise).wrong.map(({ what, why }) => `${what} ${why}`);
}

const later = (context: Context, ms: number): Context => ({
  ...context,
  clock: () => new Date(Date.now() + ms),
});

test("a signed run stands for a run of the same tree by the same configuration", async () => {
  const found = await verify(envelope, signers, run, { run: "latest" });
  assert.equal(found.wrong, []);
  assert.equal(
    found.signers.map(({ principal }) => principal),
    ["alice@example.org"],
  );
  assert.is(found.signers[0]?.key, envelope.signatures[0]?.keyid);
  const [first, signed, , ...verdicts] = formatAttested(found, { tree: true, run: null });
  assert.is(first, `accepted: run ${run.recorder.runId} stands for a run of this tree`);
  assert.match(signed ?? "", /^ {2}signed by alice@example.org \(SHA256:[A-Za-z0-9+/]{43}\)$/);
  assert.equal(verdicts, ["  lint passed", "  unit passed"]);
  const some = await verify(envelope, signers, run, {
    tree: { jobs: ["unit"] },
    signer: "alice@example.org",
  });
  assert.equal(some.wrong, []);
});

test("the artifacts are subjects, by digests that other tools know", () => {
  const { subject } = statementOf(envelope);
  assert.equal(
    subject.map(({ name }) => name),
    ["snapshot", "jobs/lint/artifacts/report", "jobs/unit/artifacts/report"],
  );
  // printf 'of unit' | sha256sum
  assert.is(subject[2]?.digest.sha256, "f51a46bd3250436b85f9d06631e2f979f60c76564b1be20d2529aad19ec55f0a");
});

/** What somebody else's hands on the envelope lead to; nobody has signed the result. */
const tampered: readonly (readonly [string, (envelope: Envelope) => unknown, RegExp])[] = [
  [
    "a changed payload",
    (one) => ({
      ...one,
      payload: Buffer.from(JSON.stringify({ ...statementOf(one), subject: [] })).toString("base64"),
    }),
    /does not count: Signature verification failed: incorrect signature/,
  ],
  [
    "another verdict",
    (one) => ({
      ...one,
      payload: Buffer.from(
        Buffer.from(one.payload, "base64").toString().replaceAll('"passed"', '"cached"'),
      ).toString("base64"),
    }),
    /incorrect signature/,
  ],
  [
    "another payload type",
    (one) => ({ ...one, payloadType: "application/json" }),
    /the payload is "application\/json"/,
  ],
  ["no signature", (one) => ({ ...one, signatures: [] }), /not a DSSE envelope: signatures/],
  [
    "seventeen signatures",
    (one) => ({ ...one, signatures: Array(17).fill(one.signatures[0]) }),
    /not a DSSE envelope/,
  ],
  [
    "a second signature that is cut off",
    (one) => ({ ...one, signatures: [...one.signatures, { sig: one.signatures[0]?.sig.slice(0, 40) }] }),
    /^signature 2 of 2 is no SSH signature$/,
  ],
  [
    "a signature of another kind",
    (one) => ({ ...one, signatures: [{ sig: "aGVsbG8=" }] }),
    /is no SSH signature/,
  ],
  [
    "a signature with bits that no byte has",
    (one) => ({ ...one, signatures: [{ sig: "aGVsbG9=" }] }),
    /not a DSSE envelope: sig is not base64/,
  ],
  ["no JSON", () => "attested, believe me", /not a DSSE envelope: it is not JSON/],
  ["a list", () => [], /not a DSSE envelope/],
];

for (const [name, change, expected] of tampered)
  test(`refused: ${name}`, async () => {
    assert.match(await refusal(verify(change(envelope), signers, run)), expected);
  });

test("refused: a second signature of a key that is not allowed", async () => {
  const other = await attest(run, mallory);
  const both = { ...envelope, signatures: [...envelope.signatures, ...other.signatures] };
  assert.match(await refusal(verify(both, signers, run)), /^signature 2 of 2, by the key SHA256:/);
  const all = allow([`alice ${OURS}`, alice], [`bob ${OURS}`, mallory]);
  const found = await verify(both, all, run);
  assert.equal(found.wrong, []);
  assert.equal(
    found.signers.map(({ principal }) => principal),
    ["alice", "bob"],
  );
});

/** Signed by the right key, for something else. */
test("refused: a signature for git, for a file, or for another type of payload", async () => {
  const statement = statementOf(envelope);
  for (const namespace of ["git", "file", "pikaci-verdict"])
    assert.match(
      await refusal(verify(await signAnything(statement, alice, run, namespace), signers, run)),
      new RegExp(`^its signature is for "${namespace}", not for pikaci-attestation$`),
    );
  const typed = await signAnything(statement, alice, run, undefined, "text/plain");
  const confused = { ...typed, payloadType: envelope.payloadType };
  assert.match(await refusal(verify(confused, signers, run)), /incorrect signature/);
});

const who: readonly (readonly [string, string, RegExp])[] = [
  ["a key that nobody allows", allow([`alice ${OURS}`, mallory]), /No principal matched/],
  ["a key that may sign commits", allow(['alice namespaces="git"', alice]), /No principal matched/],
  ["a key whose line says nothing of a purpose", allow(["alice", alice]), /No principal matched/],
  ["a key whose line allows every purpose", allow(['alice namespaces="*"', alice]), /No principal matched/],
  [
    "a key that is no longer valid",
    allow([`alice ${OURS},valid-before="20200101"`, alice]),
    /line 2: key has expired/,
  ],
  [
    "a key that is not yet valid",
    allow([`alice ${OURS},valid-after="20990101"`, alice]),
    /line 2: key is not yet valid/,
  ],
];

for (const [name, allowed, expected] of who)
  test(`refused: ${name}`, async () => {
    assert.match(await refusal(verify(envelope, allowed, run)), expected);
  });

test("refused: an allowed signer who is not the one that was asked for", async () => {
  const wanted = { signer: "bob@example.org" };
  const allowed = allow([`alice@example.org ${OURS}`, alice], [`bob@example.org ${OURS}`, mallory]);
  assert.match(await refusal(verify(envelope, allowed, run, wanted)), /does not count/);
});

test("a line for commits before the line for attestations hides it not", async () => {
  const allowed = allow(['alice namespaces="git"', alice], [`alice ${OURS}`, alice]);
  assert.equal((await verify(envelope, allowed, run)).wrong, []);
});

test("refused: allowed signers, and a configuration, of the tree or linked from it", async () => {
  const { workspace } = run.context;
  const inside = join(workspace, "allowed");
  symlinkSync(signers, inside);
  try {
    assert.match(
      await refusal(verify(envelope, inside, run)),
      /is of the tree, whose author would say who may sign/,
    );
  } finally {
    rmSync(inside);
  }
  const config = join(workspace, "pikaci.config.json");
  for (const one of [config, null]) {
    if (one !== null) symlinkSync(run.config, one);
    const promise = verify(envelope, signers, run, { tree: { config: one } });
    try {
      assert.match(await refusal(promise), /is of the tree, whose author would say what must pass/);
    } finally {
      if (one !== null) rmSync(one);
    }
  }
});

test("refused: another tree, be it by one byte, one file or one mode", async () => {
  const other = await recordedRun();
  const file = join(other.context.workspace, "source");
  assert.equal(await reasons(verify(envelope, signers, other)), []);
  const changes = [() => appendFileSync(file, "x"), () => chmodSync(file, 0o755), () => rmSync(file)];
  for (const change of changes) {
    change();
    const [only, ...more] = await reasons(verify(envelope, signers, other));
    assert.match(only ?? "", /^the content hash is [0-9a-f]{64}, and not [0-9a-f]{64}$/);
    assert.equal(more, []);
    writeFileSync(file, "one\n", { mode: 0o644 });
    chmodSync(file, 0o644);
  }
});

const { unit, lint } = CONFIG.jobs;
const configurations: readonly (readonly [string, object, RegExp])[] = [
  ["of another project", { ...CONFIG, project: "other" }, /^the project is app, and not other$/],
  [
    "whose command is another",
    { ...CONFIG, jobs: { unit: { ...unit, command: "make all" }, lint } },
    /^the configuration of unit is [0-9a-f]{64}, and not/,
  ],
  [
    "whose environment is another",
    { ...CONFIG, jobs: { unit: { ...unit, env: {} }, lint } },
    /^the configuration of unit/,
  ],
  [
    "with a weaker isolation",
    { ...CONFIG, jobs: { unit: { ...unit, network: "host" }, lint } },
    /^the configuration of unit/,
  ],
  ["with one more job", { ...CONFIG, jobs: { unit, lint, deploy: lint } }, /^deploy has no verdict in it/],
  [
    "with other files of the flake",
    { ...CONFIG, flake: { files: ["*.nix"] } },
    /^`flake.files` is \[\], and not/,
  ],
  ["that leaves out other files", { ...CONFIG, snapshot: { exclude: ["source"] } }, /^the content hash is/],
];

for (const [name, config, expected] of configurations)
  test(`refused: a base branch with a configuration ${name}`, async () => {
    const [first, ...more] = await reasons(
      verify(envelope, signers, run, { tree: { config: writeConfig(config) } }),
    );
    assert.match(first ?? "", expected);
    assert.equal(more, []);
  });

test("what only describes a job is no part of its configuration", async () => {
  const config = writeConfig({
    ...CONFIG,
    jobs: { unit: { ...unit, description: "tests" }, lint: { ...lint, description: "" } },
  });
  assert.equal(await reasons(verify(envelope, signers, run, { tree: { config } })), []);
});

test("what a wanted job needs is wanted, too", async () => {
  const needing = (command: string) => ({
    ...CONFIG,
    jobs: { unit: { ...unit, command }, lint, deploy: { command: "true", needs: ["unit"] } },
  });
  const other = await recordedRun({ config: needing("make test") });
  const signed = await attest(other, alice);
  const jobs = ["deploy"];
  assert.equal(await reasons(verify(signed, signers, other, { tree: { jobs } })), []);
  const config = writeConfig(needing("make all"));
  const [only, ...more] = await reasons(verify(signed, signers, other, { tree: { jobs, config } }));
  assert.match(only ?? "", /^the configuration of unit is/);
  assert.equal(more, []);
});

for (const status of ["failed", "timeout", "infra", "cancelled", "skipped", "flaky"] as const)
  test(`refused: a job that is ${status}`, async () => {
    const other = await recordedRun({ statuses: { unit: status } });
    const found = await reasons(verify(await attest(other, alice), signers, other));
    assert.match(found.join("\n"), `unit is ${status}, exit code 1`);
    const rest = await verify(await attest(other, alice), signers, other, { tree: { jobs: ["lint"] } });
    assert.equal(rest.wrong, []);
  });

test("refused: a run that is too old, and one of the future", async () => {
  const at = (ms: number) => verify(envelope, signers, { ...run, context: later(run.context, ms) });
  assert.equal(await reasons(at(1_800_000)), []);
  assert.match((await reasons(at(7_200_000))).join("\n"), /^unit is too old: .*\n?/m);
  assert.match((await reasons(at(-3_600_000))).join("\n"), "the run is of the future");
});

test("refused: a verdict that was cached from a run that is too old, or from an unknown one", async () => {
  const statement = statementOf(envelope);
  const cached = (ran_in: string | null): unknown =>
    JSON.parse(JSON.stringify(statement), (key, value) =>
      key === "annotations" && value?.job === "unit" ? { ...value, status: "cached", ran_in } : value,
    );
  const answer = async (ran_in: string | null) =>
    reasons(verify(await signAnything(cached(ran_in), alice, run), signers, run));
  assert.equal(await answer(run.recorder.runId), []);
  assert.equal(await answer("20260101T000000Z-0123abcd"), ["unit is too old: 2026-01-01T00:00:00.000Z"]);
  assert.equal(await answer(null), ["unit was run at a time that is not known"]);
});

test("refused: a run for which Nix was told more than the configuration says", async () => {
  const nix = { ...NO_NIX_OPTIONS, evaluation: ["--override-input", "tools", "path:/evil"] };
  const other = await recordedRun({ nix });
  assert.equal(await reasons(verify(await attest(other, alice), signers, other)), [
    "Nix was told --override-input tools path:/evil, which no configuration says",
  ]);
});

type Edit = (statement: Statement) => unknown;
const strange: readonly (readonly [string, Edit])[] = [
  ["of another type", (one) => ({ ...one, _type: "https://in-toto.io/Statement/v0.1" })],
  ["of another predicate", (one) => ({ ...one, predicateType: "https://slsa.dev/provenance/v0.2" })],
  ["with a field that nobody knows", (one) => ({ ...one, but: "only on Mondays" })],
  ["about nothing", (one) => ({ ...one, subject: [] })],
  ["that is no object", () => "passed"],
  ["that is no JSON", () => "{"],
];

for (const [name, edit] of strange)
  test(`refused: a signed statement ${name}`, async () => {
    const signed = await signAnything(edit(statementOf(envelope)), alice, run);
    assert.match(
      await refusal(verify(signed, signers, run)),
      /^it is signed, but no statement about a run: /,
    );
  });

test("refused: a statement that says two things of one job, or of two trees", async () => {
  const text = JSON.stringify(statementOf(envelope));
  const one = statementOf(envelope);
  const { byproducts } = one.predicate.runDetails;
  const verdicts = JSON.parse(text);
  verdicts.predicate.runDetails.byproducts = [...byproducts, ...byproducts];
  assert.match(
    (await reasons(verify(await signAnything(verdicts, alice, run), signers, run))).join("\n"),
    "or more than one",
  );
  const trees = { ...one, subject: [...one.subject, one.subject[0]] };
  assert.match(
    (await reasons(verify(await signAnything(trees, alice, run), signers, run))).join("\n"),
    "is more than one",
  );
});

test("a job that sees the repository is accepted only for that repository", async () => {
  const config = { ...CONFIG, jobs: { unit: { ...unit, git: true } } };
  const other = await recordedRun({ config });
  const { workspace } = other.context;
  git(workspace, "init", "-q");
  git(workspace, "add", "source");
  git(workspace, "commit", "-qm", "one");
  const found = await reasons(verify(await attest(other, alice), signers, other));
  assert.match(
    found.join("\n"),
    /^the repository of unit is none, and not \["[0-9a-f]{40}","refs\/heads\/main",\[\]\]$/,
  );
});

test("--run: what the record does not say is refused", async () => {
  const twin = await recordedRun();
  const found = await verify(envelope, signers, twin, { run: "latest" });
  assert.match(found.wrong.map(({ what }) => what).join(", "), "its run, its verdicts");
});

test("a file that is too large, or none, is not read", async () => {
  const huge = join(makeDirectory(), "huge");
  writeFileSync(huge, "");
  const { truncateSync } = await import("node:fs");
  truncateSync(huge, 65 << 20);
  assert.match(await refusal(verify(envelope, signers, run, { file: huge })), /no attestation is as large/);
  const gone = await rejection(verify(envelope, signers, run, { file: `${huge}.gone` }));
  assert.ok(gone instanceof PikaciError && gone.exitCode === 2);
  const nobody = await rejection(verify(envelope, `${huge}.gone`, run));
  assert.ok(nobody instanceof PikaciError && nobody.exitCode === 2);
});

test("no private key was read", () => {
  assert.not.match(JSON.stringify(envelope), readFileSync(alice, "utf8").split("\n")[1] ?? "none");
});

test.run();

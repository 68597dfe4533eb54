// needs: nix
// time-limit: 600
// exhaustive: each command of the documentation
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { everyNth } from "../exhaustive.ts";
import { type Ended, jobOf, openRig, type Rig } from "../lab/rig.ts";
import { allow, makeKey, OURS } from "../operations/attestation/rig.ts";
import { removeWorkspaces } from "../workspace.ts";
import { commandsIn, pages } from "./pages.ts";

interface Context {
  rig: Rig;
  /** Of what the job `unit` has prepared. */
  storePath: string;
  /** What the words of a reader stand for who checks an attestation of it. */
  signed: Readonly<Record<string, string>>;
}

const test = suite<Context>("commands in the documentation");
test.before(async (context) => {
  const rig = openRig({});
  context.rig = rig;
  const host = { url: "local", workDir: join(rig.dir, ".pikaci/work") };
  const services = {
    db: { command: "echo listens; touch /tmp/up; exec sleep 1000", ready: "[ -e /tmp/up ]" },
  };
  const unit = { command: "echo fine", prepare: { tools: { path: "data" } }, services };
  const hosts = { local: host, builder: host, other: host };
  // What other commands write here is not part of the tree that was signed.
  rig.configure({ hosts, jobs: { unit }, snapshot: { include: ["file.txt"] } });
  const stranger = {
    hosts,
    jobs: { unit: { ...unit, runner: "sandbox" } },
    untrusted: { runners: ["sandbox"] },
  };
  writeFileSync(outside(rig), JSON.stringify(stranger));
  rig.write({ "file.txt": "x", "data/tool": "x" });
  const { code, stderr } = await rig.pikaci("run", "-q");
  assert.is(code, 0, stderr);
  context.storePath = jobOf(rig.record(), "unit").prepared["tools"] ?? "";
  symlinkSync(context.storePath, join(rig.dir, "result"));
  await signedRun(context);
});
test.after(({ rig }) => {
  rmSync(outside(rig));
  rig.remove();
  removeWorkspaces();
});

/** The attestation of a run, and what CI would have beside it, outside of the tree. */
async function signedRun(context: Context): Promise<void> {
  const { rig } = context;
  const key = makeKey();
  rig.shell(`git config gpg.format ssh && git config user.signingkey ${key}`);
  const files = { FILE: join(key, "../run.json"), SIGNERS: allow([`me ${OURS}`, key]) };
  const config = join(key, "../pikaci.config.json");
  copyFileSync(join(rig.dir, "pikaci.config.json"), config);
  const { code, stderr } = await rig.pikaci("attest", "--out", files.FILE);
  assert.is(code, 0, stderr);
  context.signed = { ...files, KEY: key, CONFIG: config, "../run.json": files.FILE };
}

/** What a reader would have outside of the tree for `--untrusted`. */
const outside = (rig: Rig) => `${rig.dir}-outside.json`;

/** What a reader would put in the place of a word. */
const WORDS: Readonly<Record<string, string>> = {
  RUN: "latest",
  "[RUN]": "",
  "[TARGET]": "",
  "[JOB]": "",
  BEFORE: "latest",
  AFTER: "latest",
  "[PATH...]": "",
  "[FILE...]": "",
  "[BEFORE]": "latest",
  "[AFTER]": "latest",
  SHELL: "bash",
  SHAPE: "sandbox",
  HOST: "local",
  NAME: "unit",
  JOB: "unit",
  PATH: "file.txt",
  FILE: "out.jsonl",
  BYTE: "0",
  A: "latest",
  "[B]": ".",
  // The demo's project lies beside its configuration.
  "../pikaci.config.json": "pikaci.config.json",
};

/** What a reader would add to a command that is only named. */
const NAMED: Readonly<Record<string, readonly string[]>> = {
  cancel: ["latest"],
  compare: ["latest", "latest"],
  completion: ["bash"],
  copy: ["--to", "builder", "./result"],
  init: ["-C", "PROJECT"],
  pin: ["latest"],
  shell: ["unit"],
  why: ["unit"],
  "verify-attestation": ["FILE"],
};

function fresh(rig: Rig): string {
  return mkdtempSync(join(rig.dir, ".pikaci/fresh-"));
}

/** A directory that is not there yet. */
function absent(rig: Rig): string {
  const directory = fresh(rig);
  rmSync(directory, { recursive: true });
  return directory;
}

/** A project without a configuration. */
function project(rig: Rig): string {
  const directory = fresh(rig);
  mkdirSync(join(directory, ".git"));
  writeFileSync(join(directory, "package.json"), '{ "scripts": { "test": "true" } }');
  mkdirSync(join(directory, ".github/workflows"), { recursive: true });
  writeFileSync(
    join(directory, WORKFLOW),
    "jobs: { a: { runs-on: ubuntu-latest, steps: [{ run: 'true' }] } }",
  );
  return directory;
}

const WORKFLOW = ".github/workflows/ci.yml";

/** `import` in a project of its own; what it names is there. */
function importArgs(words: readonly string[], rig: Rig): string[] {
  const directory = project(rig);
  const own = words.map((word) => ([WORKFLOW, "ci.mjs"].includes(word) ? join(directory, word) : word));
  return [...own, "-C", directory];
}

function argsOf(command: string, { rig, storePath, signed }: Context): string[] {
  const [, name = "", ...written] = command.split(" ");
  const rest = written.filter((word) => WORDS[word] !== "");
  const words = rest.length === 0 ? [name, ...(NAMED[name] ?? [])] : [name, ...rest];
  if (name === "import") return importArgs(words, rig);
  const checks = name === "verify-attestation";
  if (checks && !words.includes("--allowed-signers")) words.push("--allowed-signers", "SIGNERS");
  if (words.includes("--untrusted") && !words.includes("--config")) words.push("--config", outside(rig));
  return words
    .map((word) => {
      if (word.startsWith("ssh://")) return "local";
      if (name === "attest" || checks) return signed[word] ?? WORDS[word] ?? word;
      if (word.startsWith("/nix/store/…")) return storePath;
      if (word === "PROJECT") return project(rig);
      return word === "DIR" ? absent(rig) : (WORDS[word] ?? word);
    })
    .filter((word) => word !== "");
}

/** Two pages may show the same in other words: it is run once. */
const ran = new Map<string, Promise<Ended>>();

function runOnce(args: readonly string[], rig: Rig): Promise<Ended> {
  const key = args.join(" ");
  const known = ran.get(key) ?? start(args, rig);
  ran.set(key, known);
  return known;
}

function start(args: readonly string[], rig: Rig): Promise<Ended> {
  if (args[0] === "watch") return watched(args, rig);
  return args[0] === "ui" ? served(args, rig) : rig.pikaci(...args);
}

/** The pages are served until a reader ends it: Ctrl-C, once it has printed their address. */
async function served(words: readonly string[], rig: Rig): Promise<Ended> {
  const { child, ended } = rig.start(...words);
  child.stdout?.once("data", () => child.kill("SIGINT"));
  const end = await ended;
  return end.code === 130 ? { ...end, code: 0 } : end;
}

/** A watch goes on until a reader leaves it: Ctrl-C, once it has run the jobs, whatever came of them. */
async function watched(words: readonly string[], rig: Rig): Promise<Ended> {
  const { child, ended } = rig.start(...words);
  child.stderr?.on("data", (part: Buffer) => {
    if (/^. \w+ +run /m.test(part.toString())) child.kill("SIGINT");
  });
  const end = await ended;
  return end.code === 130 && end.stderr.includes("✔ passed  run") ? { ...end, code: 0 } : end;
}

/** Examples of docs/commands.md are the table's, and read by test/commands/table.test.ts. */
const written = pages().filter(({ name }) => name !== "docs/commands.md");
const commands = [...new Set(written.flatMap(commandsIn))].sort();

test("there are many", () => assert.ok(commands.length > 30));

for (const command of everyNth(commands, 3))
  test(command, async (context) => {
    const { code, stderr } = await runOnce(argsOf(command, context), context.rig);
    assert.is(code, 0, stderr);
  });

test.run();

// needs: nix
// time-limit: 300
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parse } from "yaml";
import * as z from "zod";
import { SHELLS } from "../host/call.ts";
import { openRig, type Rig } from "../lab/rig.ts";
import { makeDirectory, removeWorkspaces } from "../workspace.ts";
import { type Ended, expressions, installHere, runScript } from "./step.ts";

const texts = z.record(z.string(), z.string());
const common = { name: z.string(), id: z.string().optional(), if: z.string().optional() };
/** What GitHub demands of a composite action; a `run` without a `shell` is refused there. */
const actionSchema = z.strictObject({
  name: z.string(),
  description: z.string(),
  inputs: z.record(
    z.string(),
    z.strictObject({ description: z.string(), required: z.literal(false), default: z.string() }),
  ),
  outputs: z.record(z.string(), z.strictObject({ description: z.string(), value: z.string() })),
  runs: z.strictObject({
    using: z.literal("composite"),
    steps: z.array(
      z.union([
        z.strictObject({
          ...common,
          run: z.string(),
          shell: z.literal("sh"),
          env: texts.optional(),
          "working-directory": z.string().optional(),
        }),
        z.strictObject({ ...common, uses: z.string(), with: texts.optional() }),
      ]),
    ),
  }),
});

const text = readFileSync(new URL("../../action.yml", import.meta.url), "utf8");
const action = actionSchema.parse(parse(text));
const { steps } = action.runs;

const test = suite<{ rig: Rig; outside: string; action: string }>("the action for GitHub, Gitea and Forgejo");
test.before((context) => {
  const rig = openRig({});
  context.rig = rig;
  context.outside = makeDirectory();
  context.action = join(makeDirectory(), "a ction");
  installHere(context.action);
  rig.configure({
    hosts: { local: { url: "local", workDir: join(rig.dir, ".pikaci/work") } },
    jobs: {
      green: { command: "echo fine" },
      red: { command: "exit 3" },
    },
    defaultTarget: "green",
    targets: { green: { jobs: ["green"] }, red: { jobs: ["red"] } },
  });
});
test.after(({ rig }) => {
  rig.remove();
  removeWorkspaces();
});

test("no expression stands in a script, and each names an input or output that is there", () => {
  const ids = steps.flatMap(({ id }) => id ?? []);
  for (const step of steps) {
    if ("run" in step) assert.equal(expressions(step.run), [], step.name);
    else assert.match(step.uses, /^[\w-]+\/[\w-]+@[0-9a-f]{40}$/, "an action of others is a whole commit");
  }
  for (const one of expressions(text)) {
    const [, input] = /^inputs\.([\w-]+)$/.exec(one) ?? [];
    const [, id] = /^steps\.([\w-]+)\.outputs\.[\w-]+$/.exec(one) ?? [];
    assert.ok(
      one === "github.action_path" ||
        (input !== undefined && input in action.inputs) ||
        (id !== undefined && ids.includes(id)),
      one,
    );
  }
  const used = `${expressions(text).join(" ")} ${steps.map((step) => step.if ?? "").join(" ")}`;
  for (const input of Object.keys(action.inputs)) assert.match(used, new RegExp(`inputs\\.${input}\\b`));
});

interface Used {
  readonly inputs?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly shell?: readonly string[];
}

/** Runs a step of this name as GitHub would; gives what it printed and what it wrote to GITHUB_OUTPUT. */
async function runStep(
  name: string,
  { rig, outside, action: path }: { rig: Rig; outside: string; action: string },
  { inputs = {}, env = {}, shell }: Used = {},
): Promise<Ended & { readonly written: string }> {
  const step = steps.find((one) => one.name === name);
  if (step === undefined || !("run" in step)) throw new Error(`no step ${name}`);
  const value = (one: string) =>
    one === "github.action_path"
      ? path
      : (inputs[one.replace("inputs.", "")] ?? action.inputs[one.replace("inputs.", "")]?.default ?? "");
  const given = Object.entries(step.env ?? {}).map(([key, template]) => [
    key,
    template.replace(/\$\{\{\s*(.*?)\s*\}\}/g, (_, inner: string) => value(inner)),
  ]);
  const temp = join(outside, "temp");
  mkdirSync(temp, { recursive: true });
  const output = join(outside, "output");
  writeFileSync(output, "");
  const all = {
    ...{ PATH: process.env.PATH ?? "", HOME: process.env.HOME ?? "", ...rig.env },
    ...{ GITHUB_ACTIONS: "true", CI: "true", RUNNER_TEMP: temp, GITHUB_OUTPUT: output },
    ...env,
    ...Object.fromEntries(given),
  };
  const ended = await runScript(step.run, {
    cwd: rig.dir,
    env: all,
    ...(shell === undefined ? {} : { shell }),
  });
  return { ...ended, written: readFileSync(output, "utf8") };
}

test("before a run there is no report, and that is no failure", async (context) => {
  const { code, written } = await runStep("Report", context);
  assert.equal([code, written], [0, ""]);
});

test("what is installed is not installed again; an older Node is refused", async (context) => {
  assert.is((await runStep("Install pikaci", context)).code, 0);
  const bin = join(context.outside, "bin");
  mkdirSync(bin);
  writeFileSync(join(bin, "node"), "#!/bin/sh\nexit 1\n", { mode: 0o755 });
  const refused = await runStep("Install pikaci", context, { env: { PATH: `${bin}:/usr/bin:/bin` } });
  assert.is(refused.code, 1);
  assert.match(refused.output, /pikaci needs Node 20\.19 or later/);
});

test("a run's exit code is the step's, and its report is an output", async (context) => {
  const green = await runStep("Run", context);
  assert.is(green.code, 0, green.output);
  const red = await runStep("Run", context, {
    inputs: { target: "red", host: "local", args: "-q\n\n--no-cache\n" },
  });
  assert.is(red.code, 1, red.output);
  const { code, written, output } = await runStep("Report", context);
  assert.is(code, 0, output);
  const [, place = ""] = /^report=(.*)\n$/.exec(written) ?? [];
  assert.match(readFileSync(place, "utf8"), /^<!doctype html>/i);
});

const hostile = "x'; touch pwned; \"$(touch pwned)`touch pwned`\\";
test("inputs are words and never shell, in every shell that runs a step", async (context) => {
  for (const shell of SHELLS) {
    for (const inputs of [{ target: hostile }, { host: hostile }, { args: hostile }]) {
      const { code, output } = await runStep("Run", context, { inputs, shell: shell.split(" ") });
      assert.is(code, 2, output);
      assert.not.ok(existsSync(join(context.rig.dir, "pwned")), output);
    }
    const { code, output } = await runStep("Run", context, {
      inputs: { target: "--help" },
      shell: shell.split(" "),
    });
    assert.is(code, 2);
    assert.match(output, /the input target is no name: --help/);
  }
});

test("the key reaches ssh alone, is not printed, and is gone afterwards", async (context) => {
  const bin = join(context.outside, "ssh-bin");
  mkdirSync(bin);
  const seen = join(context.outside, "seen");
  const ssh = `#!/bin/sh
printf '%s\\n' "$@" >>${seen}
for word; do case $word in */key) cat "$word" >>${seen}; stat -c 'mode %a' "$word" >>${seen} ;; *File=*known_hosts) cat "\${word#*=}" >>${seen} ;; esac; done
printf 'key in the environment: %s\\n' "\${PIKACI_SSH_KEY-none}" >>${seen}
exit 255
`;
  writeFileSync(join(bin, "ssh"), ssh, { mode: 0o755 });
  const { code, output } = await runStep("Run", context, {
    inputs: { host: "ssh://ci@builder.example.org", "known-hosts": "builder.example.org ssh-ed25519 AAAA" },
    env: { PIKACI_SSH_KEY: "-----BEGIN\nsecret key\n-----END", PATH: `${bin}:${process.env.PATH}` },
  });
  assert.is(code, 3, output);
  assert.not.match(output, /secret key/);
  const said = readFileSync(seen, "utf8");
  assert.match(said, /-----BEGIN\nsecret key\n-----END\nmode 600\n/);
  assert.match(said, /builder\.example\.org ssh-ed25519 AAAA\n/);
  assert.match(said, /key in the environment: none/);
  assert.equal(
    readdirSync(join(context.outside, "temp")).filter((name) => name.startsWith("pikaci-ssh")),
    [],
  );
});

test.run();

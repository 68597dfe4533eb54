// needs: nix
// time-limit: 300
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parseAllDocuments } from "yaml";
import * as z from "zod";
import { openRig, type Rig } from "../lab/rig.ts";
import { makeDirectory, removeWorkspaces } from "../workspace.ts";
import { installHere, runScript } from "./step.ts";

const text = readFileSync(new URL("../../templates/pikaci.yml", import.meta.url), "utf8");
const [head, body, ...more] = parseAllDocuments(text).map((one) => {
  if ("errors" in one && one.errors.length > 0) throw one.errors[0];
  return "toJS" in one ? one.toJS() : null;
});

/** The head of a component, and its one job. */
const specSchema = z.strictObject({
  spec: z.strictObject({
    inputs: z.record(z.string(), z.strictObject({ description: z.string(), default: z.string() })),
  }),
});
const jobSchema = z.strictObject({
  stage: z.string(),
  image: z.string(),
  variables: z.record(
    z.string(),
    z.union([z.string(), z.strictObject({ value: z.string(), expand: z.literal(false) })]),
  ),
  script: z.tuple([z.string()]),
  artifacts: z.strictObject({
    when: z.literal("always"),
    paths: z.array(z.string()),
    reports: z.strictObject({ junit: z.string() }),
  }),
});
const { inputs } = specSchema.parse(head).spec;
const [[name, job] = ["", undefined], ...others] = Object.entries(
  z.record(z.string(), jobSchema).parse(body),
);
if (job === undefined) throw new Error("the component has no job");

const test = suite<{ rig: Rig; bin: string }>("the component for GitLab");
test.before((context) => {
  const rig = openRig({});
  context.rig = rig;
  const place = makeDirectory();
  installHere(place);
  context.bin = join(place, "bin");
  mkdirSync(context.bin);
  // The project's own dependency, installed.
  writeFileSync(join(context.bin, "npm"), '#!/bin/sh\n[ "$1" = ci ]\n', { mode: 0o755 });
  const npx = `#!/bin/sh\n[ "$1 $2" = "--no pikaci" ] && shift 2 && exec node ${place}/dist/cli.cjs "$@"\n`;
  writeFileSync(join(context.bin, "npx"), npx, { mode: 0o755 });
  rig.configure({
    hosts: { local: { url: "local", workDir: join(rig.dir, ".pikaci/work") } },
    jobs: { green: { command: "echo fine" }, red: { command: "exit 3" } },
    defaultTarget: "green",
    targets: { green: { jobs: ["green"] }, red: { jobs: ["red"] } },
  });
});
test.after(({ rig }) => {
  rig.remove();
  removeWorkspaces();
});

test("it is a head and one job; inputs stand in values alone, and each is used", () => {
  assert.equal([more.length, others.length, name], [0, 0, "$[[ inputs.job-name ]]"]);
  assert.not.match(job.script[0], /\$\[\[|\$\{\{/);
  const used = [...text.matchAll(/\$\[\[ inputs\.([\w-]+) \]\]/g)].map(([, input]) => input);
  assert.equal([...new Set(used)].sort(), Object.keys(inputs).sort());
});

function runJob({ rig, bin }: { rig: Rig; bin: string }, given: Readonly<Record<string, string>> = {}) {
  const variables = Object.entries(job?.variables ?? {}).map(([key, variable]) => {
    const template = typeof variable === "string" ? variable : variable.value;
    return [
      key,
      template.replace(
        /\$\[\[ inputs\.([\w-]+) \]\]/g,
        (_, input: string) => given[input] ?? inputs[input]?.default ?? "",
      ),
    ];
  });
  const env = {
    HOME: process.env.HOME ?? "",
    ...rig.env,
    CI: "true",
    GITLAB_CI: "true",
    ...Object.fromEntries(variables),
  };
  return runScript(job?.script[0] ?? "", {
    cwd: rig.dir,
    env: { ...env, PATH: `${bin}:${process.env.PATH}` },
  });
}

test("a run's exit code is the job's; report and JUnit are where its artifacts are", async (context) => {
  const red = await runJob(context, { target: "red", args: "-q\n--on=local" });
  assert.is(red.code, 1, red.output);
  for (const path of [...(job?.artifacts.paths ?? []), job?.artifacts.reports.junit ?? ""])
    assert.ok(existsSync(join(context.rig.dir, path)), path);
  assert.is((await runJob(context)).code, 0);
});

test("inputs are words and never shell", async (context) => {
  const hostile = "x'; touch pwned; \"$(touch pwned)`touch pwned`\\";
  for (const input of ["target", "host", "args"]) {
    const { code, output } = await runJob(context, { [input]: hostile });
    assert.is(code, 2, output);
    assert.not.ok(existsSync(join(context.rig.dir, "pwned")), output);
  }
});

test.run();

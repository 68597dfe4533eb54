// needs: nix
// time-limit: 240
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { jobOf, openRig, type Rig } from "../lab/rig.ts";

const test = suite<{ rig: Rig }>("a matrix and shards, run here");

/** Says which files are its own, and reports their times: a file's content is its time in seconds. */
const REPORT = `cat "$PIKACI_SHARD_FILES"
  { echo '<testsuite name="all">'
    while IFS= read -r file; do echo "<testcase name=\\"t\\" file=\\"/workspace/$file\\" time=\\"$(cat "$file")\\"/>"; done <"$PIKACI_SHARD_FILES"
    echo '</testsuite>'; } >/artifacts/junit.xml
  case $NODE-$PIKACI_SHARD in "$BAD") exit 7 ;; esac`;

test.before((context) => {
  const rig = openRig({ PIKACI_NO_CACHE: "" });
  context.rig = rig;
  rig.write({ "t/a": "1\n", "t/b": "1\n", "t/c it's": "1\n", "t/-d": "1 \n", other: "x" });
  configure(rig, {});
});
test.after(({ rig }) => rig.remove());

function configure(rig: Rig, unit: object): void {
  rig.configure({
    hosts: { local: { url: "local", workDir: join(rig.dir, ".pikaci/work") } },
    snapshot: { exclude: ["pikaci.config.json"] },
    jobs: {
      unit: {
        command: REPORT,
        matrix: { node: [20, 22] },
        shards: { count: 2, files: ["t/*"] },
        env: { NODE: "${matrix.node}", BAD: "none" },
        inputs: ["t/**"],
        ...unit,
      },
    },
  });
}

const shards = ["unit (20, 1 of 2)", "unit (20, 2 of 2)", "unit (22, 1 of 2)", "unit (22, 2 of 2)"];
const filesOf = (rig: Rig, job: string) => rig.jobFile(job, "guest.log").trim().split("\n");
const statuses = (rig: Rig) => shards.map((job) => jobOf(rig.record(), job).result?.status);

test("every file is in one shard of each instance, by its size while no time is known", async ({ rig }) => {
  const { code, stderr } = await rig.pikaci("run", "--junit", "all.xml");
  assert.is(code, 0, stderr);
  assert.match(stderr, /passed {2}unit \(20\) in /);
  const [first, second, ...others] = shards.map((job) => filesOf(rig, job));
  assert.equal([...(first ?? []), ...(second ?? [])].sort(), ["t/-d", "t/a", "t/b", "t/c it's"]);
  assert.equal(others, [first, second]);
  const junit = readFileSync(join(rig.dir, "all.xml"), "utf8");
  assert.match(junit, '<testsuite name="pikaci" tests="2"');
  assert.match(junit, '<testsuite name="unit (20): all" tests="4"');
  const logs = await rig.pikaci("logs", "--job", "unit (22)");
  assert.match(logs.stdout, /^unit \(22, 1 of 2\) │ t\/.*\n(.*\n)*unit \(22, 2 of 2\) │ t\//);
});

test("an unchanged tree, and one that changed elsewhere, is divided as before: all is cached", async ({
  rig,
}) => {
  writeFileSync(join(rig.dir, "other"), "y");
  const { code, stderr } = await rig.pikaci("run");
  assert.is(code, 0, stderr);
  assert.equal(statuses(rig), ["cached", "cached", "cached", "cached"]);
  assert.match(stderr, /cached {2}unit \(22\): 2 shards/);
  const why = await rig.pikaci("why", "unit (20, 1 of 2)");
  assert.match(why.stdout, "will not run");
});

test("where something changed, the times of earlier runs decide", async ({ rig }) => {
  writeFileSync(join(rig.dir, "t/b"), "60\n");
  await rig.pikaci("run");
  assert.equal(statuses(rig), ["passed", "passed", "passed", "passed"]);
  writeFileSync(join(rig.dir, "t/b"), "60 \n");
  const { code, stderr } = await rig.pikaci("run");
  assert.is(code, 0, stderr);
  assert.equal(filesOf(rig, shards[0] ?? ""), ["t/b"]);
  assert.equal(filesOf(rig, shards[1] ?? ""), ["t/-d", "t/a", "t/c it's"]);
  assert.is((await rig.pikaci("verify", "latest")).code, 0);
});

test("a rerun repeats the shards as they were, and one alone can be run and asked about", async ({ rig }) => {
  assert.is((await rig.pikaci("rerun", "latest", "-q")).code, 0);
  assert.equal(JSON.parse(rig.jobFile(shards[0] ?? "", "job.json")).shard.files, ["t/b"]);
  const { code, stderr } = await rig.pikaci("run", "--job", shards[3] ?? "", "--refresh-cache");
  assert.is(code, 0, stderr);
  assert.equal(
    rig.record().jobs.map(({ job }) => job),
    [shards[3]],
  );
  assert.not.match(stderr, "passed  unit in");
  const why = await rig.pikaci("why", "unit");
  assert.is(why.code, 2);
  assert.match(why.stderr, "name one of them: 'unit (20, 1 of 2)'");
});

test("one bad shard is the job's verdict, which says which; HTML, JUnit and status have the job once", async ({
  rig,
}) => {
  configure(rig, { env: { NODE: "${matrix.node}", BAD: "22-2" } });
  const { code, stderr } = await rig.pikaci("run", "--junit", "bad.xml");
  assert.is(code, 1, stderr);
  assert.match(stderr, "failed  unit (22) in ");
  assert.match(stderr, ": 1 of 2 shards: 2: exit 7");
  assert.match(stderr, /pikaci logs \S+ --job 'unit \(22, 2 of 2\)'/);
  const junit = readFileSync(join(rig.dir, "bad.xml"), "utf8");
  assert.match(
    junit,
    /<testcase name="unit \(22\)" classname="pikaci" time="[\d.]+"><failure message="1 of 2 shards/,
  );
  assert.is((await rig.pikaci("report", "latest", "--out", "bad.html")).code, 0);
  const html = readFileSync(join(rig.dir, "bad.html"), "utf8");
  assert.match(html, /<td class="v failed">failed<\/td><td>unit \(22\)<\/td>/);
  assert.match(html, 'href="#log-unit:20::28:22:2c::20:2:20:of:20:2:29:"');
  const status = await rig.pikaci("status");
  assert.match(status.stdout, "failed  unit (22) in");
});

const wrong: readonly (readonly [
  what: string,
  unit: object,
  files: Readonly<Record<string, string>>,
  message: RegExp,
])[] = [
  [
    "no file",
    { shards: { count: 2, files: ["nothing/*"] } },
    {},
    /jobs\.unit\.shards\.files: 0 files match, fewer than the 2 shards/,
  ],
  ["too few files", { shards: { count: 9, files: ["t/*"] } }, {}, /4 files match, fewer than the 9 shards/],
  [
    "a newline in a name",
    {},
    { "t/e\nf": "1\n" },
    /"t\/e\\\\x0af" has a name that a line of text cannot hold/,
  ],
];

for (const [what, unit, files, message] of wrong)
  test(`${what} is an error before anything runs`, async ({ rig }) => {
    configure(rig, unit);
    rig.write(files);
    const before = rig.record().run_id;
    const { code, stderr } = await rig.pikaci("run");
    for (const path of Object.keys(files)) rmSync(join(rig.dir, path));
    assert.is(code, 2, stderr);
    assert.match(stderr, message);
    assert.is(rig.record().run_id, before);
  });

test.run();

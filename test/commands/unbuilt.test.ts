// needs: nix
// time-limit: 240
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { jobOf, openRig, type Rig } from "../lab/rig.ts";
import { flakeOf } from "../stage-rig.ts";

const test = suite<{ rig: Rig }>("a prepared output that does not build");
const script = `echo compiling; echo 'main.c:3: expected ;' >&2; exit 3`;

test.before.each((context) => {
  const rig = openRig({ PIKACI_NO_CACHE: "" });
  context.rig = rig;
  rig.shell("mkdir tools; cp /bin/busybox tools/");
  write(rig, script);
  rig.configure({
    hosts: { local: { url: "local", workDir: join(rig.dir, ".pikaci/work") } },
    flake: { files: ["flake.nix", "tools/**", "a/**"] },
    jobs: {
      plain: { command: "true" },
      good: { command: "test -e /prepared/tools/in", prepare: { tools: "#tools" } },
      bad: { command: "true", cache: "all", prepare: { tools: "#tools", lint: "#low" } },
      needs: { command: "true", prepare: { high: "#high" } },
    },
  });
});
test.after.each(({ rig }) => rig.remove());

function write(rig: Rig, low: string): void {
  const more = `low = script "low" "${low}"; high = script "high" "echo \${packages.low} > $out";`;
  const flake = flakeOf({ tools: "a" }, more).replace("let\n", "let packages = self.packages.${system};\n");
  rig.write({ "flake.nix": flake, "a/in": "a" });
}

async function statuses(rig: Rig, code: number, ...args: string[]): Promise<Record<string, string>> {
  const ended = await rig.pikaci(...args);
  assert.is(ended.code, code, ended.stderr);
  return Object.fromEntries(rig.record().jobs.map(({ job, result }) => [job, result?.status ?? ""]));
}

test("fails the jobs that need it, with its log, and no others; nothing of that is remembered", async ({
  rig,
}) => {
  const failed = { bad: "failed", needs: "failed" };
  assert.equal(await statuses(rig, 1, "run"), { plain: "passed", good: "passed", ...failed });
  const record = rig.record();
  assert.equal([record.status, record.exit_code, record.error], ["failed", 1, null]);
  const { result } = jobOf(record, "bad");
  assert.is(
    result?.message,
    "prepared output lint was not built: low: builder failed with exit code 3: main.c:3: expected ;",
  );
  assert.equal([result?.exit_code, result?.started_at], [null, null]);
  assert.match(
    rig.jobFile("bad", "guest.log"),
    /-low\.drv:\ncompiling\nmain\.c:3: expected ;\nprepared output lint/,
  );
  assert.match(
    jobOf(record, "needs").result?.message ?? "",
    /^prepared output high .*: its dependency low: builder/,
  );
  assert.match(rig.jobFile("needs", "guest.log"), "compiling\nmain.c:3: expected ;\n");

  const shown = await rig.pikaci("status");
  assert.match(shown.stdout, /failed +bad: prepared output lint was not built/);

  assert.equal(await statuses(rig, 1, "run"), { plain: "cached", good: "cached", ...failed });
  assert.match(jobOf(rig.record(), "bad").result?.message ?? "", /^prepared output lint was not built/);
  const why = await rig.pikaci("why", "bad");
  assert.match(why.stdout, /^bad will run: no verdict of it is remembered here/);

  write(rig, "echo > $out");
  assert.equal(await statuses(rig, 0, "run", "--failed"), { bad: "passed", needs: "passed" });
});

test("when no job is left, nothing is started; a shell says why it cannot open", async ({ rig }) => {
  const ended = await rig.pikaci("run", "--job", "bad");
  assert.is(ended.code, 1, ended.stderr);
  assert.match(ended.stderr, "main.c:3: expected ;");
  const shell = await rig.pikaci("shell", "bad", "--", "true");
  assert.is(shell.code, 3, shell.stderr);
  assert.match(shell.stderr, /prepared output lint was not built[\s\S]*main\.c:3: expected ;/);
});

test("an evaluation that fails is nobody's verdict", async ({ rig }) => {
  rig.write({ "flake.nix": `{ outputs = { self }: throw "not for you"; }` });
  const found = await statuses(rig, 3, "run");
  assert.equal([found.bad, found.good, found.needs], ["infra", "infra", "infra"]);
});

test.run();

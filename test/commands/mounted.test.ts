// needs: nix
// time-limit: 240
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { jobOf, openRig, type Rig } from "../lab/rig.ts";
import { removeWorkspaces } from "../workspace.ts";

const test = suite<{ rig: Rig }>("prepared outputs in the workspace, on this machine");
test.before((context) => {
  const rig = openRig({ PIKACI_NO_CACHE: "" });
  context.rig = rig;
  rig.write({ file: "first\n", "tool/it": "prepared\n" });
});
test.after(({ rig }) => {
  rig.remove();
  removeWorkspaces();
});

const tool = (at: string | readonly string[]) => ({ tool: { path: "tool", at } });

function configure(rig: Rig, jobs: object): void {
  rig.configure({
    hosts: { local: { url: "local", workDir: join(rig.dir, ".pikaci/work") } },
    snapshot: { exclude: ["pikaci.config.json"] },
    jobs,
  });
}

test("another place is another verdict, and `why` says so", async ({ rig }) => {
  const mount = (at: string) => configure(rig, { x: { command: "cat */tool/it", prepare: tool(at) } });
  const status = async () => {
    const { code, stderr } = await rig.pikaci("run");
    assert.is(code, 0, stderr);
    return jobOf(rig.record(), "x").result?.status;
  };
  mount("a/tool");
  assert.equal([await status(), await status()], ["passed", "cached"]);
  mount("b/tool");
  assert.match((await rig.pikaci("why", "x")).stdout, /changed since run \S+: place/);
  assert.equal([await status(), await status()], ["passed", "cached"]);
});

test("`why` knows client paths without a host, and names those that changed, with their files", async ({
  rig,
}) => {
  configure(rig, { x: { command: "cat c/tool/it", prepare: tool("c/tool"), inputs: ["file"] } });
  const { code, stderr } = await rig.pikaci("run");
  assert.is(code, 0, stderr);
  assert.match(
    (await rig.pikaci("why", "x")).stdout,
    /^x will not run: it passed on the same inputs in run \S+\n$/,
  );
  rig.write({ "tool/it": "other\n", "tool/new\nline": "" });
  const changed = await rig.pikaci("why", "x");
  assert.match(
    changed.stdout,
    /^x will run: changed since run \S+: prepared outputs\nclient path tool changed: modified it, added new\\x0aline\n$/,
  );
  const { paths } = JSON.parse((await rig.pikaci("why", "x", "--json")).stdout);
  assert.equal(paths, [
    { name: "tool", path: "tool", files: ["modified it", "added new\\x0aline"], more: 0 },
  ]);
  rig.write({ "tool/it": "prepared\n" });
});

test("what the snapshot has at a place is named before anything is sent", async ({ rig }) => {
  configure(rig, { x: { command: "true", prepare: tool(["tool", "file/x"]) } });
  for (const words of [["run"], ["shell", "x", "--", "true"], ["why", "x"]]) {
    const { code, stderr } = await rig.pikaci(...words);
    assert.is(code, 2, words.join(" "));
    assert.match(stderr, 'jobs.x.prepare.tool.at: "file/x": the snapshot has the file "file"');
    assert.match(stderr, 'jobs.x.prepare.tool.at: "tool": the snapshot has the file "tool/it"');
  }
});

test("it is there when what a failed job left is entered", async ({ rig }) => {
  const command = "cat put/here/tool/it; echo changed >file; exit 3";
  configure(rig, { x: { command, prepare: tool(["put/here/tool", "other"]), workspace: "private" } });
  const run = await rig.pikaci("run", "--keep-failed", "30m");
  assert.is(run.code, 1, run.stderr);
  assert.is(rig.jobFile("x", "guest.log"), "prepared\n");
  const words = ["shell", "-q", "x", "--run", "latest", "--", "cat", "put/here/tool/it", "other/it", "file"];
  const { code, stdout, stderr } = await rig.pikaci(...words);
  assert.equal([code, stdout], [0, "prepared\nprepared\nchanged\n"], stderr);
});

test("a link that a job left on the way to a place is told, and not followed", async ({ rig }) => {
  const command = "mv put moved && ln -s /tmp put; exit 3";
  configure(rig, { x: { command, prepare: tool("put/tool"), workspace: "private" } });
  const run = await rig.pikaci("run", "--keep-failed", "30m");
  assert.is(run.code, 1, run.stderr);
  const { code, stderr } = await rig.pikaci("shell", "-q", "x", "--run", "latest", "--", "true");
  assert.is(code, 3);
  assert.match(
    stderr,
    /the prepared tool cannot be mounted at \/workspace\/put\/tool: a symlink is in the way/,
  );
});

test.run();

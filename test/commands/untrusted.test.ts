// time-limit: 300
import { existsSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { openRig, type Rig } from "../lab/rig.ts";

const test = suite<{ rig: Rig; outside: Rig }>("commands/untrusted");
test.before.each((context) => {
  context.rig = openRig({});
  context.outside = openRig({});
});
test.after.each(({ rig, outside }) => {
  rig.remove();
  outside.remove();
});

test("client paths that lead out of a stranger's tree are refused by name, before anything is read", async ({
  rig,
  outside,
}) => {
  outside.write({ "kept/secret": "nobody reads this\n" });
  rig.write({ "deps/a": "1" });
  symlinkSync(join(outside.dir, "kept"), join(rig.dir, "link"));
  const prepare = { link: { path: "link" }, git: { path: ".git" }, fine: { path: "deps" } };
  rig.configure({ jobs: { x: { command: "true", prepare } } });
  for (const command of ["run", "shell"]) {
    const { code, stderr } = await rig.pikaci(command, ...(command === "shell" ? ["x"] : []), "--untrusted");
    assert.is(code, 2, stderr);
    for (const place of ["link", "git"])
      assert.match(stderr, `jobs.x.prepare.${place}.path: the client path`);
    assert.not.match(stderr, "prepare.fine");
  }
  assert.is((await rig.pikaci("list")).stdout, "", "nothing began");
});

/** Every command that reads a project; each would run a configuration that is code. */
const READERS: readonly (readonly string[])[] = [
  ["run"],
  ["plan"],
  ["snapshot"],
  ["publish"],
  ["gc", "--dry-run"],
  ["doctor"],
  ["why", "x"],
  ["render", "--runner", '{"backend":"microvm"}'],
  ["shell", "x"],
];

test("no command that reads a project runs a stranger's configuration; each says so", async ({
  rig,
  outside,
}) => {
  const marker = join(outside.dir, "marker");
  rig.write({
    "pikaci.config.ts": `import { writeFileSync } from "node:fs";
      writeFileSync(${JSON.stringify(marker)}, "");
      export default { jobs: { x: { command: "true" } } };`,
  });
  assert.is((await rig.pikaci("plan")).code, 0);
  assert.ok(existsSync(marker), "trusted, it runs");
  rig.shell(`rm ${marker}`);
  for (const words of READERS) {
    const { stderr, stdout, code } = await rig.pikaci(...words, "--untrusted");
    assert.match(stdout + stderr, "pikaci.config.ts is code of the tree", words.join(" "));
    // A snapshot needs no configuration: it is taken without the filters, and says so.
    assert.is(code, words[0] === "snapshot" ? 0 : 2, words.join(" "));
    assert.not(existsSync(marker), words.join(" "));
  }
});

test("what a stranger's configuration asks for is refused by name; the file outside decides", async ({
  rig,
  outside,
}) => {
  const jobs = { x: { command: "true" } };
  const workDir = join(outside.dir, "kept");
  rig.configure({ hosts: { local: { url: "local", workDir } }, jobs });
  for (const words of [["gc", "--dry-run"], ["plan"]]) {
    const { code, stderr } = await rig.pikaci(...words, "--untrusted");
    assert.is(code, 2, stderr);
    assert.match(
      stderr,
      "hosts: it must come from the command line or from a configuration outside the tree",
    );
  }
  assert.not(existsSync(workDir));
  outside.configure({ host: "h", hosts: { h: { url: "ssh://ci@builder" } }, jobs });
  const config = join(outside.dir, "pikaci.config.json");
  const planned = await rig.pikaci("plan", "--untrusted", "--config", config, "--json");
  assert.is(planned.code, 0, planned.stderr);
  assert.match(planned.stdout, '"host": "ssh://ci@builder"');
  assert.match(planned.stdout, '"backend": "minivm"');
  const impure = await rig.pikaci("plan", "--untrusted", "--config", config, "--impure");
  assert.is(impure.code, 2);
  assert.match(impure.stderr, "--impure is not for an untrusted tree");
});

test.run();

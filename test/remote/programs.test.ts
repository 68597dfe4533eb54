import { spawnSync } from "node:child_process";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { sends } from "../../src/remote/program-types.ts";
import { commandLine, composeProgram, LOADER, PROGRAMS, STANDBY } from "../../src/remote/programs.ts";

const hostile = "a'b\"c`id`$(id)\\\n-rf é\u0001 !";

/** Runs a command line as sshd does: by a shell, the script first on stdin. */
const remote = (command: string, input: string | Buffer) =>
  spawnSync("sh", ["-c", command], { input, env: { PATH: process.env.PATH, HOME: "/nonexistent" } });

test("parameters arrive as they are, and data follows the script", () => {
  const script = Buffer.concat([
    Buffer.from(`{\nvalue=${`'${hostile.replaceAll("'", "'\\''")}'`}\n`),
    Buffer.from("printf '%s' \"$value\"; cat\n}\n"),
  ]);
  const { stdout } = remote(commandLine(script.length), Buffer.concat([script, Buffer.from("data\0\xff")]));
  assert.is(stdout.toString("utf8"), `${hostile}${Buffer.from("data\0\xff").toString("utf8")}`);
});

test("parameter names and values that a shell cannot hold are refused", () => {
  for (const params of [{ PATH: "x" }, { "a;id": "x" }, { "": "x" }, { a: "x\0y" }])
    assert.throws(() => composeProgram("hold", params), TypeError);
});

test("a script that was cut anywhere does nothing", () => {
  const script = composeProgram("hold", { work_dir: "/nonexistent/pikaci", lease_ms: "1000" });
  for (const length of [10, 200, 1000, 1500, script.length - 3, script.length - 2]) {
    const { stdout, status } = remote(commandLine(script.length), script.subarray(0, length));
    assert.is(stdout.length, 0, `cut at ${length}`);
    assert.is.not(status, 0);
  }
});

for (const [loader, said] of [
  [LOADER, "alive 0\n"],
  [STANDBY, ""],
] as const)
  test(`the loader that first says ${JSON.stringify(said)} skips heartbeats, and does nothing without a whole script`, () => {
    const script = "{\nprintf done\n}\n";
    const load = (rest: string) => remote(commandLine(loader.length), loader + rest);
    assert.is(load(`\n\n${script.length}\n${script}`).stdout.toString(), `${said}done`);
    assert.is(load("\n\n").status, 1);
    assert.is(load(`${script.length}\n${script.slice(0, 10)}`).stdout.toString(), said);
  });

test("the command line does not depend on what is run", () => {
  assert.is(commandLine(12), `exec sh -c 'eval "$(head -c 12)"'`);
});

test("every program is there and a shell reads it", () => {
  for (const program of PROGRAMS) {
    const { status, stderr } = spawnSync("sh", ["-n"], {
      input: composeProgram(program, { run_id: hostile }),
    });
    assert.is(status, 0, `${program}: ${stderr}`);
  }
});

test("no comment is sent, and a value keeps its own", () => {
  for (const program of PROGRAMS) {
    const script = composeProgram(program, {}).toString("utf8");
    assert.not.match(script, /^[ \t]*#/m, program);
  }
  const script = composeProgram("trust", { value: "b\n# c\n" }).toString("utf8");
  assert.match(script, "value='b\n# c\n'\n");
});

test("what a warm run of one job sends", () => {
  const bytes = (["session", "guard"] as const).reduce(
    (sum, program) => sum + composeProgram(program, {}).length,
    0,
  );
  assert.ok(bytes < 100_000, `${bytes} bytes of programs; docs/benchmarks.md has what they cost`);
});

test("the frames of a program are known to the client", () => {
  const said = /(?:\bframe |\bsend_(?:parts|compressed) |printf ['"])([a-z][a-z-]*)(?: ['"$]| %d|$)/gm;
  for (const program of PROGRAMS) {
    const types = [...composeProgram(program, {}).toString("utf8").matchAll(said)].map(
      ([, type = ""]) => type,
    );
    assert.ok(types.includes("error"), program);
    const unknown = types.filter((type) => type !== "error" && !sends(program, type));
    assert.equal(unknown, [], program);
  }
});

test.run();

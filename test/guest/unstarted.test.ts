import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Command } from "../../src/core/job.ts";
import { explainUnstarted } from "../../src/guest/unstarted.ts";

const test = suite("what could not be started");

const shell = (text: string): Command => ({ kind: "shell", text });
const argv = (...words: string[]): Command => ({ kind: "argv", argv: words });

function explain(exitCode: number, command: Command, log = "", here: string | null = null): string | null {
  const place = { path: "/usr/bin:/bin", cwd: "/workspace" };
  return explainUnstarted({ ...place, exitCode, command, log, onClient: () => here });
}

const words: readonly (readonly [string, number, string, string])[] = [
  ["dash", 127, "ok\n/run/command: 12: cargo: not found\n", "`cargo` (named in the log)"],
  ["dash's eval", 127, "sh: 1: eval: cargo: not found", "`cargo` (named in the log)"],
  ["dash's exec", 127, "/run/command: 12: exec: go: not found", "`go` (named in the log)"],
  ["npm's shell", 127, "> test\n> vitest\n\nsh: 1: vitest: not found\nnpm ERR! x", "`vitest` (named"],
  ["bash", 127, "bash: line 3: just: command not found", "`just` (named"],
  ["busybox", 127, "sh: task: not found\r\n", "`task` (named"],
  ["env", 127, "/usr/bin/env: ‘node’: No such file or directory", "`node` (named"],
  ["older env", 127, "env: node: No such file or directory", "`node` (named"],
  ["colours", 127, "\u001b[31msh: 1: \u001b[1mmvn: not found\u001b[0m", "`mvn` (named"],
  ["the last one", 127, "sh: 1: a: not found\nsh: 1: b: not found", "`b` (named"],
  [
    "a script",
    127,
    "sh: 1: ./gradlew: not found",
    "`./gradlew` (named in the log) is not in the guest, seen from /workspace",
  ],
  ["bash and an interpreter", 127, "bash: ./x: cannot execute: required file not found", "`./x` (named"],
  [
    "no x bit",
    126,
    "sh: 1: ./run.sh: Permission denied",
    "`./run.sh` (named in the log) is there but cannot",
  ],
  ["another system's", 126, "bash: ./tool: cannot execute binary file: Exec format error", "`./tool` (named"],
];
for (const [name, exitCode, log, expected] of words)
  test(`the log's word: ${name}`, () => assert.match(explain(exitCode, shell("x | y"), log) ?? "", expected));

const commands: readonly (readonly [string, Command, string])[] = [
  ["words", argv("cargo", "test"), "`cargo` (the command's first word)"],
  ["a shell's text", shell("cargo test && x"), "`cargo` (the command's first word)"],
  ["behind variables", shell(" A=1 B= exec cargo test"), "`cargo` (the command's first word)"],
  ["syntax", shell('"$TOOL" test'), "the log names it"],
  ["a subshell", shell("(cargo test)"), "the log names it"],
];
for (const [name, command, expected] of commands)
  test(`the command's word: ${name}`, () => assert.match(explain(127, command) ?? "", expected));

test("where it was looked for, and whether this machine has it", () => {
  const told = (here: string | null) => explain(127, argv("go"), "", here) ?? "";
  assert.match(told(null), "on the guest's PATH, /usr/bin:/bin; this machine does not have it either");
  assert.match(told("/usr/bin/go"), "this machine has /usr/bin/go, but guests see the /usr of their host");
  assert.match(told("/home/me/go/bin/go"), "has /home/me/go/bin/go, which no guest sees: `prepare` it");
});

test("other exit codes say nothing", () => {
  for (const code of [0, 1, 125, 128]) assert.is(explain(code, argv("go"), "sh: 1: go: not found"), null);
});

test.run();

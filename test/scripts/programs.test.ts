import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  BASE_PROGRAMS,
  type Command,
  givenBy,
  isCommand,
  packagesFor,
} from "../../scripts/setup/packages.ts";
import { parseSuite } from "../../scripts/suites/suite.ts";
import { startedByShell, startedByTypeScript } from "./started.ts";

const test = suite("programs that tests and scripts start");

const files = ["test", "scripts"].flatMap((root) =>
  readdirSync(root, { recursive: true, encoding: "utf8" }).map((name) => join(root, name)),
);
const textOf = (file: string) => readFileSync(file, "utf8");

/** Shell that runs on this machine; the other files are for hosts, whose packages are named where they are made. */
const shellHere = files.filter(
  (file) => /^test\/(lab|fresh)\/.*\.sh$/.test(file) && file !== "test/lab/init.sh",
);

/** Commands of package.json, by the files that only they run. */
const OWN: readonly (readonly [RegExp, Command])[] = [
  [/^scripts\/demo/, "demo"],
  [/^scripts\/lint-shell/, "lint"],
  [/^scripts\/bench/, "bench"],
  [/^scripts\/record-sessions/, "record-sessions"],
  [/^test\/browser\//, "test:browser"],
  [/^test\/commands\/completion\/real-shells/, "test:shells"],
  [/^test\/fresh\/cold/, "test:fresh"],
  [/^test\/host\/real-packages/, "test:packages"],
  [/^test\/(nix\/client-versions|tree\/git\/newer-versions)/, "test:versions"],
  [/^test\/examples\/toolchains/, "test:examples"],
];

function commandOf(file: string): Command {
  const own = OWN.find(([pattern]) => pattern.test(file))?.[1];
  if (own !== undefined) return own;
  const isUnit = file.endsWith(".test.ts") && parseSuite(file, textOf(file)).needs.length === 0;
  return isUnit ? "test:unit" : "test";
}

/** `FILE: PROGRAM`, for what no package gives that the file's command installs, and no machine has anyway. */
function without(file: string, programs: Iterable<string>): string[] {
  const here = new Set([...BASE_PROGRAMS, ...packagesFor(commandOf(file)).flatMap(givenBy)]);
  return [...programs].filter((program) => !here.has(program)).map((program) => `${file}: ${program}`);
}

test("each has a package that the command installs which runs the file", () => {
  const typescript = files.filter(
    (file) => file.endsWith(".ts") && !/^test\/(fixtures\/|scripts\/programs)/.test(file),
  );
  const wrong = typescript.flatMap((file) => without(file, startedByTypeScript(textOf(file))));
  assert.equal(wrong, []);
  const found = new Set(typescript.flatMap((file) => [...startedByTypeScript(textOf(file))]));
  assert.ok(found.size > 30, [...found].join());
});

test("so has each in the shell of the lab and of test/fresh", () => {
  const all = shellHere.map(textOf).join("\n");
  const wrong = shellHere.flatMap((file) => without(file, startedByShell(`${all}\n`)));
  assert.equal(wrong, []);
});

test("every command of package.json that runs more than Node has a list", () => {
  const { scripts } = JSON.parse(textOf("package.json"));
  const plain = ["pikaci", "build", "typecheck", "format"];
  assert.equal(
    Object.keys(scripts).filter((name) => !isCommand(name)),
    plain,
  );
});

for (const [script, started] of [
  ["git x; ssh y && b3sum <f | sort >out", ["b3sum", "git", "sort", "ssh"]],
  ["if ! flock -n 9; then rsync a b; fi", ["flock", "rsync"]],
  ["A=b C=$(id -u) perl -e 'x; y' # zsh", ["id", "perl"]],
  ['echo "$(xz -d <f)" "make; ps"', ["xz"]],
  ["f() { ps; }\nf | tr a b", ["ps", "tr"]],
  ["cat <<'END'\nmake all\nEND\nexec ip link", ["cat", "ip"]],
  ["case $1 in\n  a) mv x y ;;\n  b*) ln z ;;\nesac", ["ln", "mv"]],
] as const)
  test(`shell: ${JSON.stringify(script)}`, () => {
    assert.equal([...startedByShell(script)].sort(), started);
  });

test("TypeScript: calls, lists of words, and shell that stands in it", () => {
  const text = `spawn("ssh", []); run(["pgrep", "-f"]); run("hangs"); must("ip", []);
    execFileSync("sh", ["-c", "xz -d | tar x"]); spawnSync(process.execPath, []);`;
  assert.equal([...startedByTypeScript(text)].sort(), ["ip", "pgrep", "sh", "ssh", "tar", "xz"]);
});

test.run();

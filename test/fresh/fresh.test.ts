// needs: lab
// time-limit: 900
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { BASE_PROGRAMS } from "../../scripts/setup/packages.ts";
import { readmeCommands } from "./readme.ts";
import { given, MISSING, succeeds } from "./tests-command.ts";

const inside = process.env.PIKACI_FRESH === "1";
const fresh = suite("README's commands on Debian 12 with git, Node and npm");
const test = inside ? fresh.skip : fresh;

const MOST_LINES = 60;

test("it has what no package is named for, and is bare otherwise", async () => {
  const script = `missing() { ${MISSING}; }; missing ${BASE_PROGRAMS.join(" ")}; echo bare:; missing ${given.join(" ")}`;
  const [base, bare = ""] = (await succeeds(script)).split("bare:\n");
  assert.is(base, "");
  // What this checks is that the machine is bare; which parts of Debian are on every machine is Debian's affair.
  for (const name of ["ssh", "nix", "b3sum", "make", "tmux", "ip", "ps", "xz"])
    assert.ok(bare.split("\n").includes(name));
});

test("the demo: its jobs, its tests, its lines, and what removes all that it made", async () => {
  const { demo } = readmeCommands();
  const remove = `sed -n 's/^made: .*    //p' ~/said | sh >~/removed 2>&1`;
  // Not what npm, tsx, Node and Nix keep for themselves.
  const left = `find /tmp ~/.cache ~/.local /nix/store -mindepth 1 -maxdepth 1 ! -name 'tsx-*' ! -name node-compile-cache ! -name .links 2>/dev/null; git status --short --ignored`;
  const said = await succeeds(
    `stat -c %a ~; cd ~/pikaci && { ${demo}; } >~/said 2>&1 || { cat ~/said; exit 1; }; cat ~/said; ${remove}; echo left:; ${left}`,
  );
  const [home = "", ...lines] = said.split("\n");
  assert.is(home, "700");
  const shown = lines.slice(lines.indexOf("> tsx scripts/demo.ts"), lines.indexOf("left:"));
  assert.ok(shown.length > 0 && shown.length <= MOST_LINES, `${shown.length} lines`);
  const count = (pattern: RegExp) => shown.filter((line) => pattern.test(line)).length;
  assert.is(count(/^✔ passed {2}run /), 2);
  assert.is(count(/^✘ failed {2}run /), 1);
  assert.is(count(/^✔ passed {2}(tests|typecheck) in /), 3);
  assert.is(count(/^✔ cached {2}tests: passed in run /), 2);
  assert.is(count(/^✘ failed {2}typecheck in .*: exit 1$/), 1);
  assert.is(count(/^typecheck │ examples\/ci\.ts\(\d+,14\): error TS2322: /), 1);
  const tests = shown.flatMap((line) => /^tests │ (\d+) passed, 0 failed$/.exec(line)?.[1] ?? []).map(Number);
  assert.ok(tests.length === 1 && (tests[0] ?? 0) >= 100, `tests: ${tests.join()}`);
  assert.is(count(/^✔ publish .* uploaded, \d+(\.\d)? MB sent$/), 1);
  assert.is(count(/^✔ publish .* uploaded, \d+(\.\d)? kB sent$/), 2);
  assert.is(count(/^\.pikaci\/runs\/\S+\/report\.html$/), 1);
  assert.is(count(/^demo: \d+ s, installation of packages apart/), 1);
  assert.equal(lines.slice(lines.indexOf("left:")), ["left:", "!! node_modules/", ""]);
});

fresh.run();

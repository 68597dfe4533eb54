import { test } from "uvu";
import * as assert from "uvu/assert";
import { commandHelp, overview } from "../../src/commands/help.ts";
import { COMMANDS, isCommand } from "../../src/commands/table.ts";

/** The titles of a page's lists, in their order. */
function titles(page: string): string[] {
  return [...page.matchAll(/^(\S.*):$/gm)].map(([, title = ""]) => title);
}

test("the page of all commands begins with what people do every day", () => {
  const page = overview(100);
  assert.equal(titles(page), [
    "Every day",
    "A new project or host",
    "Runs",
    "Trees, store paths and hosts",
    "Examples",
  ]);
  const first = page.slice(page.indexOf("Every day:"), page.indexOf("\n\nA new project"));
  const names = [...first.matchAll(/^ {2}(\w+)/gm)].map(([, name]) => name);
  assert.equal(names, ["run", "watch", "status", "logs", "rerun", "plan", "why", "shell"]);
});

test("Nix's own flags stand together, after everything else", () => {
  for (const name of ["run", "plan", "rerun"] as const) {
    const page = commandHelp(name, 100);
    assert.is(titles(page).at(-1), "Nix's own flags, for every Nix command of the run");
    const [before = "", after = ""] = page.split("Nix's own flags");
    assert.match(after, /^ +--override-input INPUT FLAKE {2}/m);
    assert.match(after, /^ {2}-j, --max-jobs N {2}/m);
    assert.not.match(before, "--override-input");
    assert.not.match(after, "--json");
  }
  assert.not.match(commandHelp("status", 100), "Nix's own flags");
});

test("a command's words, values, choices and defaults are shown", () => {
  const page = commandHelp("logs", 100);
  assert.match(page, /^Usage: pikaci logs \[RUN\] \[OPTIONS\]\n\nPrint the logs of a run's jobs\.\n/);
  assert.match(page, "RUN  Run id, an unambiguous prefix of one, or latest (default latest)");
  assert.match(page, /--kind WHICH +The job's output, [^:]*: guest, host, both\s+\(default guest\)/);
  assert.match(page, /^ {2}-f, --follow +Follow the log until the run ends$/m);
  assert.match(page, /^ {6}--from BYTE +.*\(default 0\)$/m);
  assert.match(commandHelp("compare", 100), "pikaci compare [BEFORE] [AFTER] [OPTIONS]");
  assert.match(commandHelp("copy", 100), "pikaci copy [PATH...] [OPTIONS]");
  assert.match(commandHelp("shell", 100), "pikaci shell JOB [OPTIONS] [-- WORDS...]");
  assert.match(commandHelp("run", 100), /^ {6}--no-cache +Run every job/m);
});

for (const columns of [60, 80, 100])
  test(`no line is wider than ${columns}, but for words that have no space`, () => {
    const names = Object.keys(COMMANDS).filter(isCommand);
    const pages = [overview(columns), ...names.map((name) => commandHelp(name, columns))];
    const wide = pages
      .flatMap((page) => page.split("\n"))
      .filter((line) => line.length > columns && !/^(Usage:| {2}pikaci )/.test(line))
      .filter((line) => line.trim().includes(" "));
    assert.equal(wide, []);
  });

test.run();

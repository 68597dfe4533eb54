// needs: nix
// time-limit: 240
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { openStandIn } from "../nix/stand-in.ts";
import { pages, toolCommandsIn } from "./pages.ts";

const test = suite("npm's, node's and Nix's commands in the documentation");
const ROOT = join(import.meta.dirname, "../..");
const commands = [...new Set(pages().flatMap(toolCommandsIn))].sort();
const { scripts } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
  scripts: Record<string, string>;
};

test("there are many", () => assert.ok(commands.length > 30));

function parts(command: string): { readonly words: string[]; readonly rest: string[] } {
  const words = command.split(" ");
  const end = words.indexOf("--");
  return end === -1 ? { words, rest: [] } : { words: words.slice(0, end), rest: words.slice(end + 1) };
}

/** A script's own help names what it takes. */
function checkWords(script: string, words: readonly string[]): void {
  assert.ok(existsSync(join(ROOT, script)), script);
  if (words.length === 0) return;
  const help = execFileSync(process.execPath, ["--import", "tsx", script, "--help"], {
    cwd: ROOT,
    encoding: "utf8",
  });
  const takesText = help.includes("[TEXT ...]");
  for (const word of words.filter((one) => one.startsWith("-") || !takesText)) assert.match(help, word);
}

/** What npm does without a script of ours. */
const NPM = ["ci", "install", "link", "prune"];

function checkNpm(command: string): void {
  const { words, rest } = parts(command.replace(/ --prefix \S+/, ""));
  const [, verb = "", name = ""] = words;
  if (NPM.includes(verb)) return;
  const script = scripts[verb === "run" ? name : verb];
  assert.ok(script, `package.json has no script for it`);
  const [, file] = /^tsx (\S+)/.exec(script) ?? [];
  if (file === undefined) assert.is(rest.length, 0);
  else checkWords(file, rest);
}

interface NixCommand {
  readonly commands?: Readonly<Record<string, NixCommand>>;
  readonly flags?: Readonly<Record<string, { readonly shortName?: string }>>;
}

const env = { ...process.env, NIX_CONFIG: "extra-experimental-features = nix-command flakes" };

/** What this machine's Nix says that it understands; later versions say it under another name. */
function nixCommands(): NixCommand {
  const said = (word: string) => execFileSync("nix", [word], { env, encoding: "utf8", maxBuffer: 2 ** 26 });
  try {
    return (JSON.parse(said("__dump-cli")) as { args: NixCommand }).args;
  } catch {
    return JSON.parse(said("__dump-args")) as NixCommand;
  }
}

function checkNix(command: string, root: NixCommand): void {
  const flags = new Set<string>();
  let at: NixCommand | undefined = root;
  // Its value is one word in quotes.
  const plain = command.replace(/^nix --extra-experimental-features '[a-z -]*' /, "nix ");
  for (const word of parts(plain).words.slice(1)) {
    for (const [name, { shortName = "" }] of Object.entries(at?.flags ?? {}))
      flags.add(`--${name}`).add(`-${shortName}`);
    const below: NixCommand | undefined = at?.commands?.[word];
    if (word.startsWith("-")) assert.ok(flags.has(word), `Nix has no ${word} there`);
    else if (at?.commands !== undefined) assert.ok(below, `Nix has no command ${word}`);
    if (below !== undefined) at = below;
  }
}

const nix = nixCommands();
for (const command of commands)
  test(command, () => {
    const [program, ...words] = parts(command).words;
    if (program === "npm") return checkNpm(command);
    if (program === "nix") return checkNix(command, nix);
    const script = words.find((word) => /\.ts$/.test(word));
    if (script !== undefined) return checkWords(script, program === "npx" ? words.slice(2) : []);
    assert.is(command, "node -e 0");
  });

test("what is named of pikaci's flake is there", () => {
  const standIn = openStandIn({ tarballs: false });
  try {
    const named = commands
      .filter((command) => command.startsWith("nix "))
      .flatMap((command) => parts(command).words.filter((word) => /^(\.|<pikaci>)#/.test(word)))
      .map((word) => word.replace(/^.*#/, ""));
    assert.ok(named.length > 1);
    const names = (output: string) => {
      const words = ["--json", "--apply", "builtins.attrNames", ...standIn.instead];
      const { stdout, stderr } = standIn.nix(standIn.dir, "eval", ...words, `${standIn.flake}#${output}`);
      assert.ok(stdout, stderr);
      return JSON.parse(stdout) as string[];
    };
    const there = [...names("templates"), ...names("packages.x86_64-linux")];
    for (const name of named) assert.ok(there.includes(name), name);
  } finally {
    standIn.remove();
  }
});

test.run();

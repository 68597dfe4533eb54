import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parseRunId } from "../../../src/core/ids.ts";
import { jobDocuments } from "../../../src/guest/job-documents.ts";
import { SHELLS } from "../../host/call.ts";
import { jobSpec } from "../../host/guard-rig.ts";

const test = suite("the launch document, as runners read it");

const library = readFileSync(
  new URL("../../../nix/runners/launch/tree/lib/launch.sh", import.meta.url),
  "utf8",
);
const runId = parseRunId("20260101T000000Z-0123abcd");
const machine = { accel: "tcg" } as const;
const { launch } = jobDocuments(runId, jobSpec({}), {}, machine);

/** What a runner says of a document: `ok`, or its line for `control`. */
function read(shell: string, document: string, check: string): string {
  const [program = "sh", ...applet] = shell.split(" ");
  const fail = `fail() { printf 'error %s\\n' "$*"; exit 1; }`;
  const script = `set -u\n${fail}\n${document}\n${library}\n${check}\necho ok`;
  return spawnSync(program, [...applet, "-c", script], { encoding: "utf8" }).stdout;
}

/** The document with this word's line replaced, or without it. */
function withWord(name: string, value: string | null): string {
  const lines = launch.split("\n").filter((line) => !line.startsWith(`${name}=`));
  assert.is(lines.length, launch.split("\n").length - 1, name);
  const quoted = value === null ? "" : `${name}='${value.replaceAll("'", "'\\''")}'\n`;
  return `${lines.join("\n")}${quoted}`;
}

const ALWAYS = ["undefined", "null", "[object Object]", "NONE", " ", "x\nexit 0"];
const isHostName = (value: string) => /^[0-9A-Za-z]+$/.test(value);

/** Each word: values that stand for later versions and for faults, besides those that no word has. */
const words: Readonly<Record<string, readonly string[]>> = {
  launch_version: ["", "2", "1.0", "01"],
  launch_user: ["", "admin", "0"],
  launch_workspace: ["", "read-write", "overlay"],
  launch_network: ["", "isolated", "host user", "true"],
  launch_keep: ["", "true", "1"],
  launch_cwd: ["", "workspace", "./", "~"],
  launch_mounts: ["=x", "a=", "a=/x", "a=../x", "a=x/../y", "a=.", "a=x//y", "a b=x", "a=x\n\nb=y", "a=x\nb"],
  launch_hostname: ["", "-x", "a b", "a.b"],
  launch_timeout_ms: ["", "-1", "1.5", "1e3", "0x10", "007", "99999999999999999999"],
  launch_memory: ["-1", "2G", "1.5"],
  launch_processes: ["-1", "max"],
  launch_file_size: ["-1", "unlimited"],
  launch_open_files: ["-1", "unlimited"],
  machine_accel: ["", "hvf", "kvm tcg"],
  machine_silence_s: ["", "-1", "1.5"],
};

const check = "check_launch host user\ncheck_machine";

for (const shell of SHELLS) {
  test(`${shell}: what pikaci writes is taken`, () => {
    assert.is(read(shell, launch, check), "ok\n");
    for (const [name, value] of Object.entries({
      launch_user: "root",
      launch_workspace: "private",
      launch_network: "host",
      launch_keep: "yes",
      launch_mounts: "a=x\nb.c_d-e=x y/z=../$(id)..",
      launch_memory: "1048576",
      machine_accel: "kvm",
    }))
      assert.is(read(shell, withWord(name, value), check), "ok\n", name);
  });

  for (const [name, values] of Object.entries(words))
    test(`${shell}: ${name} that is missing or not known is an error of that name, on one line`, () => {
      const wrong = [...ALWAYS, ...values].filter((one) => name !== "launch_hostname" || !isHostName(one));
      for (const value of [null, ...wrong]) {
        const said = read(shell, withWord(name, value), check);
        assert.match(said, new RegExp(`^error this runner was told ${name}=.*, and takes .+\n$`), `${value}`);
      }
    });

  test(`${shell}: a runner has no network but its own`, () => {
    for (const [check, value, taken] of [
      ["check_launch", "none", true],
      ["check_launch", "host", false],
      ["check_launch", "user", false],
      ["check_launch host", "host", true],
      ["check_launch host", "user", false],
      ["check_launch user", "user", true],
      ["check_launch user", "host", false],
    ] as const)
      assert.is(
        read(shell, withWord("launch_network", value), check) === "ok\n",
        taken,
        `${check}: ${value}`,
      );
  });
}

test("every word of the document has a row here", () => {
  const names = [...launch.matchAll(/^(\w+)=/gm)].map(([, name]) => name);
  assert.equal(names.sort(), Object.keys(words).sort());
});

test.run();

// needs: nix
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { removeWorkspaces } from "../workspace.ts";
import { endGuards, runGuard, shell } from "./guard-rig.ts";

const test = suite("a job whose documents a runner does not know");
test.after(endGuards);
test.after(removeWorkspaces);

const command = shell("echo it ran; echo yes >/artifacts/ran");

/** What a stored or later job would come to: a word that is missing, the text of no value, a value of tomorrow. */
const changes: Readonly<Record<string, readonly [word: string, value: string | null]>> = {
  "no network": ["launch_network", null],
  "a network that is the text undefined": ["launch_network", "undefined"],
  "another runner's network": ["launch_network", "user"],
  "a workspace of tomorrow": ["launch_workspace", "read-write"],
  "a user of tomorrow": ["launch_user", "admin"],
  "no working directory": ["launch_cwd", null],
  "a working directory that is the text undefined": ["launch_cwd", "undefined"],
  "a limit that is no number": ["launch_memory", "2GiB"],
  "a document of tomorrow": ["launch_version", "2"],
};

for (const [what, [word, value]] of Object.entries(changes))
  test(`${what}: infra, by name, and nothing of it runs`, async () => {
    const line = new RegExp(`^${word}=.*\n`, "m");
    const launch = (document: string) => {
      assert.match(document, line);
      return document.replace(line, value === null ? "" : `${word}=${value}\n`);
    };
    const guard = await runGuard({ job: { command }, launch });
    assert.is(guard.result().status, "infra");
    assert.match(guard.result().message, new RegExp(`^host: this runner was told ${word}=`));
    assert.is(guard.log(), "");
    assert.not.match(guard.artifacts(), /ran/);
  });

/** What a runner's own `control` may not say. */
const endings: Readonly<Record<string, string>> = {
  "exit zero": "what is no exit status",
  "exit 1000": "what is no exit status",
  "exit ": "what is no exit status",
  "exit 0 0": "what is no exit status",
  "finished well": "what is not known: finished well",
};

for (const [line, said] of Object.entries(endings))
  test(`a runner that says \`${line}\` gives no verdict`, async () => {
    const runner = `#!/bin/sh\nprintf '%s\\n' start '${line}' >>control\n`;
    const guard = await runGuard({ runner });
    assert.is(guard.result().status, "infra");
    assert.match(guard.result().message, new RegExp(said));
  });

test.run();

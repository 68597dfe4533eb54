import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { loadProject, parseConfig } from "../../../src/config/load.ts";
import type { Proposal } from "../../../src/operations/init/propose.ts";
import { configText } from "../../../src/operations/init/write.ts";

const test = suite("init: the file");

const awkward = "a `b` \\ ${c} \"d\" 'e'\r\n\t*/ // f\u2028";
const proposal: Proposal = {
  config: {
    targets: { default: { jobs: ["a"] } },
    jobs: {
      a: {
        command: awkward,
        env: { A: awkward, B: `\${x}\\\`${awkward}` },
        prepare: { rust: { path: join(homedir(), "`${x}`/.rustup") }, go: { path: "/opt/go" } },
        caches: [
          "a-cache-with-a-long-name",
          "another-cache-with-a-long-name",
          "a-third-cache-with-a-long-name",
        ],
      },
      "b-c": { command: ["x", "y"] },
    },
  },
  comments: { a: ["a comment\nexport default 1; \u2028 throw 1"] },
  notes: ["a note"],
  leftOut: ["what\r\nwas left out"],
};

test("what is written is what was proposed, whatever its texts hold", async () => {
  const directory = mkdtempSync(join(tmpdir(), "pikaci-write-"));
  try {
    const file = join(directory, "pikaci.config.mjs");
    writeFileSync(file, configText(proposal, homedir()));
    const context = { author: "trusted", env: {}, signal: new AbortController().signal } as const;
    const loaded = await loadProject(directory, null, context);
    assert.equal(loaded, parseConfig(proposal.config, directory, file));
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test("comments say what was assumed and left out; a path of the account is written without its name", () => {
  const text = configText(proposal, homedir());
  assert.match(
    text,
    /^\/\/ Written by `pikaci init`, which saw:\n\/\/ {3}a note\n\/\/ Left out:\n\/\/ {3}what was left out\n/,
  );
  assert.match(text, "    // a comment export default 1;   throw 1\n    a: {\n");
  assert.match(text, 'import { homedir } from "node:os";');
  assert.match(text, 'go: { path: "/opt/go" }');
  assert.not.match(configText({ ...proposal, config: { jobs: { a: { command: "x" } } } }, "/"), "import");
});

test.run();

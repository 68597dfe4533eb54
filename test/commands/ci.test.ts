// needs: nix
// time-limit: 120
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { openRig } from "../lab/rig.ts";

const test = suite("runs in CI");

test("GitHub: an annotation names a file of the snapshot from the repository's root", async () => {
  const rig = openRig({ GITHUB_ACTIONS: "true" });
  const below = join(rig.dir, "packages/app");
  const work = join(rig.dir, ".pikaci/work");
  const printed = [
    "127.0.0.1:1: refused",
    "gone.c:1:1: error: x",
    "a.c:3:1: warning: unused",
    "../b.c:4:1: error: bad",
  ];
  const command = `cp ../x.sarif /artifacts; printf '%s\\n' ${printed.map((line) => `'${line}'`).join(" ")}; exit 1`;
  const physicalLocation = { artifactLocation: { uri: "a.c" }, region: { startLine: 7 } };
  const results = [{ level: "note", message: { text: "look" }, locations: [{ physicalLocation }] }];
  const sarif = { version: "2.1.0", runs: [{ tool: { driver: { name: "t" } }, results }] };
  const jobs = { cc: { command, cwd: "src" } };
  rig.write({
    "packages/app/src/a.c": "",
    "packages/app/b.c": "",
    "packages/app/x.sarif": JSON.stringify(sarif),
    "packages/app/pikaci.config.json": JSON.stringify({
      hosts: { local: { url: "local", workDir: work } },
      jobs,
    }),
  });
  try {
    const there = await rig.pikaci("run", "-C", below);
    assert.is(there.code, 1, there.stderr);
    assert.equal(
      there.stderr.split("\n").filter((line) => line.startsWith("::")),
      [
        "::error file=packages/app/b.c,line=4,title=cc::error: bad",
        "::warning file=packages/app/src/a.c,line=3,title=cc::warning: unused",
        "::notice file=packages/app/src/a.c,line=7,title=cc::look",
      ],
    );
  } finally {
    rig.remove();
  }
});

test.run();

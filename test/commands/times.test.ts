// needs: nix
// time-limit: 240
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { openRig, type Rig } from "../lab/rig.ts";

const test = suite<{ rig: Rig }>("times that a job sees");
test.before.each((context) => {
  context.rig = openRig({});
});
test.after.each(({ rig }) => rig.remove());

/** West of Greenwich as far as there is land, by a rule that needs no table of time zones; then the usual places. */
const ZONES = ["<-12>12", "America/Los_Angeles", "UTC", "<+14>-14"];

const show = `find . -printf '%T@ %p\\n' | sort
for zone in ${ZONES.map((zone) => `'${zone}'`).join(" ")}; do
  for path in . text deep deep/er/exe link; do TZ=$zone date -r "$path" +%Y; done
done | sort -u
echo "epoch $SOURCE_DATE_EPOCH"`;

test("every file is from 1980-01-02, a year that zip knows in every time zone, and so is SOURCE_DATE_EPOCH", async ({
  rig,
}) => {
  rig.write({ text: "1", "deep/er/exe": "2", private: "3" });
  rig.shell("chmod +x deep/er/exe; ln -s text link; touch -d 1970-01-01 text; touch -d 2030-01-01 private");
  rig.configure({
    hosts: { local: { url: "local", workDir: join(rig.dir, ".pikaci/work") } },
    jobs: {
      shared: { command: show },
      own: { command: show, workspace: "private", env: { SOURCE_DATE_EPOCH: "1" } },
    },
    targets: { all: { jobs: ["shared", "own"] } },
    defaultTarget: "all",
  });
  const ended = await rig.pikaci("run");
  assert.is(ended.code, 0, ended.stderr);
  for (const [job, epoch] of [
    ["shared", "315619200"],
    ["own", "1"],
  ] as const) {
    const lines = rig.jobFile(job, "guest.log").trim().split("\n");
    assert.is(lines.pop(), `epoch ${epoch}`);
    assert.is(lines.pop(), "1980");
    for (const path of ["text", "deep", "deep/er", "deep/er/exe", "private", "link"])
      assert.ok(lines.includes(`315619200.0000000000 ./${path}`), `${path}: ${lines}`);
    assert.ok(
      lines.every((line) => line.startsWith("315619200.0")),
      `${lines}`,
    );
  }
});

test.run();

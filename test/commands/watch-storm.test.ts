// needs: nix
// time-limit: 240
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { eventually, openRig, type Rig } from "../lab/rig.ts";
import { startWatch } from "../lab/watching.ts";

const test = suite<{ rig: Rig }>("pikaci watch in a storm of renames");
test.before((context) => {
  context.rig = openRig({ PIKACI_NO_CACHE: "" });
});
test.after(({ rig }) => rig.remove());

test("git checkout of a branch with other files: in the end the verdict is of that branch's tree", async ({
  rig,
}) => {
  rig.configure({
    hosts: { local: { url: "local", workDir: join(rig.dir, ".pikaci/work") } },
    jobs: { count: { command: "find many -type f | wc -l; cat which" } },
  });
  const commit = (message: string) =>
    rig.shell(
      `git -c user.name=t -c user.email=t@t add -A && git -c user.name=t -c user.email=t@t commit -qm ${message}`,
    );
  const fill = (name: string, files: number) => {
    for (let at = 0; at < files; at += 1) {
      const directory = join(rig.dir, `many/${name}-${at % 150}/deep`);
      mkdirSync(directory, { recursive: true });
      writeFileSync(join(directory, `f${at}`), `${name} ${at}\n`);
    }
    rig.write({ which: `${name}\n` });
  };
  fill("one", 600);
  commit("one");
  rig.shell("git checkout -q -b two && git rm -rq many");
  fill("two", 900);
  commit("two");
  const watch = startWatch(rig);
  await watch.answer(1);
  assert.is(rig.jobFile("count", "guest.log"), "900\ntwo\n");
  rig.shell("git checkout -q -");
  await eventually("the verdict of the first branch", 90, () =>
    watch.answered().length > 1 && rig.jobFile("count", "guest.log") === "600\none\n" ? true : null,
  );
  // Every directory of the branch is watched: a change in any of them is seen.
  const before = watch.answered().length;
  rig.write({ "many/one-149/deep/new": "x" });
  await eventually("the verdict with one file more", 90, () =>
    watch.answered().length > before && rig.jobFile("count", "guest.log") === "601\none\n" ? true : null,
  );
  assert.is((await watch.stop()).code, 130);
});

test.run();

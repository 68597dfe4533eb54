// needs: lab
// time-limit: 240
// exhaustive: each test on both kinds of hosts
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { dealTests } from "../exhaustive.ts";
import { labSuite } from "./lab-suite.ts";
import { eventually } from "./rig.ts";
import { sharedOutputProject } from "./shared-output.ts";
import { verifyHost } from "./verify.ts";

const test = labSuite("lab/collected");

const waiting = `
touch /artifacts/waiting
until [ -e /artifacts/go ]; do sleep 0.2; done
sh /prepared/tool/bin/tool
cat /prepared/data/in
`;

for (const kind of ["single", "multi"] as const)
  dealTests(test, kind)(
    `${kind}: a collection while a job executes takes nothing from under it`,
    async ({ lab, rigs }) => {
      const host = lab[kind];
      const rig = sharedOutputProject(lab, "tree\n");
      rigs.push(rig);
      const text = randomBytes(8).toString("hex");
      rig.write({ "data/in": `client ${text}\n` });
      rig.configure({
        project: "collected",
        hosts: { [kind]: { url: host.url } },
        flake: { files: ["flake.nix", "tools/**"] },
        jobs: { x: { command: waiting, prepare: { tool: ".#tool", data: { path: "data" } } } },
      });
      const garbage = `echo ${text} >/tmp/${text}; nix-store --add /tmp/${text}`;
      const { stdout } = await host.exec(garbage);
      const unused = stdout.trim();
      const { ended } = rig.start("run", "--on", kind);
      const runs = join(host.homeDir, ".local/state/pikaci/runs");
      await eventually("the job waits", 60, async () => {
        const { exitCode } = await host.exec(`ls ${runs}/*/jobs/x/artifacts/waiting`);
        return exitCode === 0 ? true : null;
      });

      const collected = await host.exec("nix-collect-garbage");
      assert.is(collected.exitCode, 0, collected.stderr);
      assert.is((await host.exec(`test -e ${unused}`)).exitCode, 1, "the collection took nothing");

      await host.exec(`touch ${runs}/${rig.record().run_id}/jobs/x/artifacts/go`, { user: host.user });
      const { code, stderr } = await ended;
      assert.is(code, 0, stderr);
      assert.match(rig.jobFile("x", "guest.log"), `tool of tree\nclient ${text}\n`);
      const paths = Object.values(rig.record().jobs[0]?.prepared ?? {});
      assert.is(paths.length, 2);
      const valid = await host.exec(`nix-store --check-validity ${paths.join(" ")}`);
      assert.is(valid.exitCode, 0, valid.stderr);
      await verifyHost(host);
    },
  );

test.run();

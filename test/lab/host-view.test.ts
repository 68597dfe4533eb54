// needs: lab
// time-limit: 240
import * as assert from "uvu/assert";
import { labSuite } from "./lab-suite.ts";
import { jobOf, openRig } from "./rig.ts";

const test = labSuite("lab/host-view");

for (const kind of ["single", "multi"] as const)
  test(`${kind}: a verdict holds for what the guest saw of the host, and why names what is another`, async ({
    lab,
    rigs,
  }) => {
    const host = lab[kind];
    const rig = openRig({ NIX_SSHOPTS: lab.sshOptions, PIKACI_NO_CACHE: "" });
    rigs.push(rig);
    rig.configure({
      host: "there",
      hosts: { there: { url: host.url } },
      jobs: {
        uses: { command: "tool", runner: "sandbox" },
        other: { command: "true", runner: "sandbox" },
      },
    });
    const run = async (job: string, code: number) => {
      const ended = await rig.pikaci("run", "-q", "--job", job);
      assert.is(ended.code, code, ended.stderr);
      return jobOf(rig.record(), job).result?.status;
    };
    const why = async () => (await rig.pikaci("why", "uses")).stdout;
    await host.exec("printf '#!/bin/sh\\n' >/usr/local/bin/tool && chmod 755 /usr/local/bin/tool");
    assert.is(await run("uses", 0), "passed");
    assert.is(await run("uses", 0), "cached");

    await host.exec("mv /usr/local/bin/tool /root/tool && echo '# more' >>/var/lib/dpkg/status");
    assert.match(await why(), "uses will not run");
    assert.is(await run("other", 0), "passed");
    assert.match(
      await why(),
      /^uses will run: changed since run \S+: what the guest sees of the host \(packages, \/usr\/local\)\n$/,
    );
    assert.is(await run("uses", 1), "failed");

    await host.exec("mv /root/tool /usr/local/bin/tool && sed -i '$d' /var/lib/dpkg/status");
    assert.is(await run("uses", 0), "cached");
    await host.exec("rm /usr/local/bin/tool");
  });

test.run();

// needs: nix
// time-limit: 120
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Examined } from "../../src/operations/doctor/examine.ts";
import { openRig, type Rig } from "../lab/rig.ts";

const test = suite<{ rig: Rig }>("doctor on this machine");
test.before.each((context) => {
  const rig = openRig({});
  context.rig = rig;
  rig.configure({
    hosts: { local: { url: "local", workDir: join(rig.dir, ".pikaci/work") } },
    jobs: { x: { command: "true" } },
  });
});
test.after.each(({ rig }) => rig.remove());

test("client and host are looked at; nothing that would fail a run is found here", async ({ rig }) => {
  const ended = await rig.pikaci("doctor", "--json");
  assert.is(ended.code, 0, ended.stdout);
  const examined = JSON.parse(ended.stdout) as Examined[];
  assert.equal(
    examined.map(({ place }) => place),
    ["client", "local"],
  );
  const host = examined[1]?.findings ?? [];
  for (const check of ["reachable", "nix", "bwrap", "sandbox", "disk", "clock", "channels"])
    assert.is(host.find((one) => one.check === check)?.status, "ok", check);
});

test("a host that cannot be reached is a problem with its fix, and exit code 1", async ({ rig }) => {
  const ended = await rig.pikaci("doctor", "--on", "ssh://nobody@127.0.0.1:1");
  assert.is(ended.code, 1, ended.stderr);
  assert.match(ended.stdout, /✘ reachable {2}ssh:\/\/nobody@127.0.0.1:1 refused the connection/);
  assert.match(ended.stdout, "hint: check that the host is up");
  assert.is((await rig.pikaci("doctor", "--on", "lcoal")).code, 2);
});

test.run();

// needs: lab
// time-limit: 240
import { readFileSync } from "node:fs";
import { type AddressInfo, connect as connectTcp, createServer, type Server } from "node:net";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { parseHostUrl } from "../../src/core/ids.ts";
import { connect } from "../../src/remote/connect.ts";
import { type Lab, type LabHost, openLab } from "../lab/lab.ts";
import { verifyHost } from "../lab/verify.ts";
import { flakeOf, installable, openRig } from "../stage-rig.ts";

const busybox = readFileSync("/bin/busybox");
/** What only the far host can do, so that no other one builds it. */
const FEATURE = "pikaci-far";
let lab: Lab;
const wires: Server[] = [];

test.before(async () => {
  lab = await openLab(["single", "single"]);
});
test.after(async () => {
  for (const wire of wires) wire.close();
  await lab?.stop();
});

async function must(host: LabHost, script: string): Promise<string> {
  const done = await host.exec(script);
  assert.is(done.exitCode, 0, done.stderr);
  return done.stdout;
}

/** Hosts of the lab see this machine alone: it passes on what comes to its end of the wire. */
async function wireTo(host: LabHost, far: LabHost): Promise<{ address: string; port: number }> {
  const octets = host.address.split(".").map(Number);
  const address = [...octets.slice(0, 3), (octets[3] ?? 0) - 1].join(".");
  const wire = createServer((near) => {
    const other = connectTcp(22, far.address);
    near.on("error", () => other.destroy()).pipe(other);
    other.on("error", () => near.destroy()).pipe(near);
  });
  wires.push(wire);
  await new Promise<void>((done) => void wire.listen(0, address, done));
  return { address, port: (wire.address() as AddressInfo).port };
}

/** As an administrator sets it up: a key, an ssh configuration and /etc/nix/machines of root. */
async function letBuildOn(host: LabHost, far: LabHost): Promise<void> {
  const { address, port } = await wireTo(host, far);
  const options = [
    `HostName ${address}`,
    `Port ${port}`,
    "User root",
    "IdentityFile /root/.ssh/far",
    "StrictHostKeyChecking no",
    "UserKnownHostsFile /dev/null",
  ];
  const key = await must(
    host,
    `mkdir -p /root/.ssh && ssh-keygen -q -t ed25519 -N '' -f /root/.ssh/far
     printf '%s\\n' 'Host far' ${options.map((option) => `'${option}'`).join(" ")} >/root/.ssh/config
     echo 'ssh-ng://far x86_64-linux - 1 1 ${FEATURE}' >/etc/nix/machines
     cat /root/.ssh/far.pub`,
  );
  await must(far, `echo '${key.trim()}' >>/etc/ssh/lab_authorized_keys`);
}

test("a host's own builders are used: what one cannot build, the other does", async () => {
  const [host, far] = lab.hosts;
  if (host === undefined || far === undefined) throw new Error("there are no two hosts");
  await must(far, `echo 'system-features = ${FEATURE}' >>/etc/nix/nix.conf`);
  await letBuildOn(host, far);
  const workDir = join(host.homeDir, "work");
  const spec = { name: host.name, url: parseHostUrl(host.url), workDir, leaseMs: 6000 };
  const env = { ...process.env, NIX_SSHOPTS: lab.sshOptions };
  const rig = openRig({ spec, env, root: host.rootDir, connect: connect.bind(null, spec) });
  try {
    const special = `far = derivation {
      name = "far"; inherit system; builder = "\${self}/tools/busybox";
      args = [ "sh" "-c" "echo built far away > $out" ]; requiredSystemFeatures = [ "${FEATURE}" ];
    };`;
    rig.write({ "flake.nix": flakeOf({}, special), "tools/busybox": busybox });
    const prepared = await rig.prepare({ far: installable("#far") });
    const path = prepared.records[0]?.store_path ?? "";
    assert.is(await must(host, `cat ${path}`), "built far away\n");
    await must(far, `nix-store --check-validity ${path}`);
    const said = rig.events.flatMap((event) => (event.type === "nix-log" ? [event.line] : []));
    assert.ok(
      said.some((line) => /building '.*-far.drv' on 'ssh-ng:\/\/far'/.test(line)),
      said.join("\n"),
    );
  } finally {
    rig.close();
  }
});

test("in the end the stores and the published trees of all hosts are whole", async () => {
  for (const host of lab.hosts) await verifyHost(host);
});

test.run();

// needs: lab
// time-limit: 300
// exhaustive: each test on both kinds of hosts
import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { childWords } from "../../scripts/suites/children.ts";
import { quietLimit } from "../../scripts/suites/quiet-clock.ts";
import { InfraError, MismatchError, SnapshotRefused } from "../../src/core/errors.ts";
import { publish } from "../../src/publish/publish.ts";
import { dealTests } from "../exhaustive.ts";
import { type Lab, type LabHost, openLab } from "../lab/lab.ts";
import { leftNow, nothingLeft } from "../lab/leftovers.ts";
import { verifyHost, verifySnapshots } from "../lab/verify.ts";
import {
  makeContext,
  makeDirectory,
  makeExecutable,
  rejection,
  removeWorkspaces,
  writeFiles,
} from "../workspace.ts";
import { hashTree, hostSpec, publishOnce, withSession } from "./publish-rig.ts";

const test = suite("publish on hosts");
const CLIENT = childWords("test/publish/publish-client.ts");
let lab: Lab;

test.before(async () => {
  // Its own place for sockets: other suites have theirs open at the same time.
  process.env.TMPDIR = makeDirectory();
  lab = await openLab();
});
test.after(async () => {
  removeWorkspaces();
  await lab?.stop();
});

const context = (options = "") =>
  makeContext({
    HOME: process.env.HOME,
    TMPDIR: process.env.TMPDIR,
    NIX_SSHOPTS: `${options} ${lab.sshOptions}`,
  });

/** A tree of its own; `size` bytes that no one can compress. */
function makeTree(size = 1000): string {
  const root = makeDirectory();
  writeFiles(root, { "a/b/c": "deep", "-rf $(id)": "hostile", "new\nline\xff": "bytes" });
  writeFileSync(join(root, "big"), randomBytes(size));
  symlinkSync("../out", join(root, "link"));
  makeExecutable(root, "a/b/c");
  return root;
}

const dealt = { single: dealTests(test, "single"), multi: dealTests(test, "multi") };

function onEither(name: string, check: (host: LabHost) => Promise<void>): void {
  for (const kind of ["single", "multi"] as const) {
    dealt[kind](`${kind}: ${name}`, async () => {
      const host = lab[kind];
      const before = await leftNow(host);
      await host.resetCounts();
      await check(host);
      await nothingLeft(host, before, 10);
    });
  }
}

onEither(
  "a cold publication is two commands on one connection, a warm one only the session",
  async (host) => {
    const spec = hostSpec(host.url, null);
    const hashed = await hashTree(makeTree(), context());
    assert.is((await publishOnce(spec, hashed, context())).outcome, "uploaded");
    assert.equal(await host.counts(), { connections: 1, commands: 2 });
    await host.resetCounts();
    const warm = await publishOnce(spec, hashed, context());
    assert.equal([warm.outcome, warm.bytesSent], ["reused", 0]);
    assert.equal(await host.counts(), { connections: 1, commands: 1 });
  },
);

onEither("eight clients at once: one uploads, the others wait and reuse", async (host) => {
  const hashed = await hashTree(makeTree(20_000_000), context());
  const contexts = Array.from({ length: 8 }, () => context());
  const all = await Promise.all(contexts.map((one) => publishOnce(hostSpec(host.url, null), hashed, one)));
  assert.equal(all.map(({ outcome }) => outcome).sort(), [...Array(7).fill("reused"), "uploaded"]);
  assert.ok(contexts.some(({ events }) => events.some(({ type }) => type === "waiting")));
});

async function startClient(host: LabHost, tree: string): Promise<ChildProcess> {
  const child = spawn(process.execPath, [...CLIENT, host.url, tree], {
    env: { ...process.env, NIX_SSHOPTS: lab.sshOptions },
    stdio: ["ignore", "pipe", "inherit"],
  });
  if (child.stdout === null) throw new Error("no stdout");
  const [data] = await once(child.stdout, "data");
  assert.match(String(data), "uploading");
  return child;
}

onEither("a client that is killed in the middle leaves nothing, and the next one succeeds", async (host) => {
  const tree = makeTree(60_000_000);
  const before = await leftNow(host);
  await host.delay(100);
  const client = await startClient(host, tree);
  client.kill("SIGKILL");
  await once(client, "close");
  await host.delay(0);
  await nothingLeft(host, before, 10);
  const hashed = await hashTree(tree, context());
  const { stdout } = await host.exec(`ls ${host.homeDir}/.local/state/pikaci/snapshots`);
  assert.not.match(stdout, hashed.contentHash);
  assert.is((await publishOnce(hostSpec(host.url, null), hashed, context())).outcome, "uploaded");
});

onEither("a link that is cut in the middle frees the lock in seconds", async (host) => {
  const hashed = await hashTree(makeTree(60_000_000), context());
  const dying = context("-o ServerAliveInterval=1 -o ServerAliveCountMax=2");
  const cuts: Promise<void>[] = [];
  const emit = (event: { type: string }) => {
    if (event.type === "upload-progress" && cuts.length === 0) cuts.push(host.cut());
  };
  await host.delay(100);
  const error = await rejection(
    publishOnce(hostSpec(host.url, null), hashed, { ...dying, emit }, { idleSeconds: 3 }),
  );
  assert.ok(error instanceof InfraError && error.where === "network", String(error));
  await Promise.all(cuts);
  await host.restore();
  await host.delay(0);
  const isOver = quietLimit(15);
  assert.is((await publishOnce(hostSpec(host.url, null), hashed, context())).outcome, "uploaded");
  assert.not(isOver());
  // The cut client's session ends with its lease.
  await new Promise((done) => setTimeout(done, 3000));
});

onEither("a full disk is named with its figures, and nothing of the upload stays", async (host) => {
  const workDir = `${host.homeDir}/small`;
  await host.mountSmallDisk(workDir, "8m");
  const spec = hostSpec(host.url, workDir);
  const hashed = await hashTree(makeTree(12_000_000), context());
  const asked = await rejection(publishOnce(spec, hashed, context()));
  assert.ok(asked instanceof InfraError && asked.where === "disk", String(asked));
  assert.match(String(asked), /too full for the snapshot: it needs 120\d+ bytes, has \d+/);
  const filled = await rejection(
    withSession(spec, hashed, context(), (session) =>
      publish(
        hashed,
        { ...session, facts: { ...session.facts, freeBytes: 1e12 } },
        { projectId: "test", repair: false },
        context(),
      ),
    ),
  );
  assert.ok(filled instanceof InfraError && filled.where === "disk", String(filled));
  assert.match(filled.message, /No space left on device(.|\n)*8\.0M/);
  assert.match(filled.hint ?? "", "free space");
  const { stdout } = await host.exec(`find ${workDir}/tmp ${workDir}/snapshots -mindepth 1`);
  assert.is(stdout, "");
  const fits = await hashTree(makeTree(), context());
  assert.is((await publishOnce(spec, fits, context())).outcome, "uploaded");
  await host.exec(`head -c 100m /dev/zero >${workDir}/fill`);
  const full = await rejection(publishOnce(spec, fits, context()));
  assert.ok(full instanceof InfraError && full.where === "disk", String(full));
  assert.match(full.message, "cannot be written");
  await host.exec(`rm ${workDir}/fill`);
  assert.is(await verifySnapshots(join(host.rootDir, workDir)), 1);
  await host.exec(`umount ${workDir}`);
});

onEither("a file with holes fits on a disk that is smaller than it is long", async (host) => {
  const workDir = `${host.homeDir}/small`;
  await host.mountSmallDisk(workDir, "8m");
  const spec = hostSpec(host.url, workDir);
  const tree = makeTree(200_000);
  for (const [name, size] of [["new\nholes", 2 ** 26] as const, ["holes", 2 ** 24 + 5] as const]) {
    writeFileSync(join(tree, name), "begin");
    truncateSync(join(tree, name), size);
  }
  // Without `verify`: b3sum maps files into memory, and a tmpfs, which this disk is, then fills their holes.
  for (const turn of [1, 2]) {
    writeFileSync(join(tree, "turn"), String(turn));
    const { bytesSent } = await publishOnce(spec, await hashTree(tree, context()), context());
    assert.ok(bytesSent < 300_000, `${bytesSent} bytes`);
  }
  const { stdout } = await host.exec(`find ${workDir}/snapshots -name '*holes' -printf '%s %b\\n'`);
  assert.is(stdout.trim().split("\n").length, 4);
  for (const line of stdout.trim().split("\n")) assert.ok(Number(line.split(" ")[1]) < 200, stdout);
  assert.is(await verifySnapshots(join(host.rootDir, workDir)), 2);
  await host.exec(`umount ${workDir}`);
});

onEither("a work dir that is read-only is named", async (host) => {
  const workDir = `${host.homeDir}/read-only`;
  await host.exec(`mkdir -p ${workDir} && mount -t tmpfs -o ro tmpfs ${workDir}`);
  const hashed = await hashTree(makeTree(), context());
  const error = await rejection(publishOnce(hostSpec(host.url, workDir), hashed, context()));
  assert.ok(error instanceof InfraError && error.where === "disk", String(error));
  assert.match(error.message, "Read-only file system");
  assert.match(error.hint ?? "", "workDir");
  await host.exec(`umount ${workDir}`);
});

onEither("a setgid work dir and an open umask change no mode", async (host) => {
  const workDir = `${host.homeDir}/shared`;
  await host.exec(`mkdir -m 2775 ${workDir}`, { user: host.user });
  const hashed = await hashTree(makeTree(), context());
  await publishOnce(hostSpec(host.url, workDir), hashed, context());
  assert.is(await verifySnapshots(join(host.rootDir, workDir)), 1);
});

onEither("a file that changes in the middle is named, and the host keeps nothing", async (host) => {
  const tree = makeTree(30_000_000);
  const hashed = await hashTree(tree, context());
  let changed = false;
  const within = context();
  const emit = (event: { type: string }) => {
    if (event.type === "upload-progress" && !changed) {
      changed = true;
      writeFileSync(join(tree, "link2"), "");
      writeFileSync(join(tree, "big"), "now short");
    }
  };
  const error = await rejection(publishOnce(hostSpec(host.url, null), hashed, { ...within, emit }));
  assert.instance(error, SnapshotRefused);
  assert.match(String(error), '"big" changed');
});

onEither("what is published and wrong is refused by name, and repaired", async (host) => {
  const spec = hostSpec(host.url, null);
  const hashed = await hashTree(makeTree(), context());
  const { remoteDir } = await publishOnce(spec, hashed, context());
  await host.exec(`rm ${remoteDir}/pikaci-snapshot.json`);
  const error = await rejection(publishOnce(spec, hashed, context()));
  assert.instance(error, MismatchError);
  assert.match(String(error), hashed.contentHash);
  assert.is((await publishOnce(spec, hashed, context(), { repair: true })).outcome, "repaired");
  await host.exec(`echo tampered >>${remoteDir}/snapshot/big`);
  assert.is((await publishOnce(spec, hashed, context(), { repair: true })).outcome, "repaired");
  assert.is((await publishOnce(spec, hashed, context(), { repair: true })).outcome, "reused");
  await host.exec(`rm -rf ${host.homeDir}/.local/state/pikaci/tmp/aside-*`);
});

onEither(
  "a host without b3sum: repair leaves what is right, says what it did not look at, and replaces the rest",
  async (host) => {
    const spec = hostSpec(host.url, null);
    const hashed = await hashTree(makeTree(), context());
    const { remoteDir } = await publishOnce(spec, hashed, context());
    await host.exec("mv /usr/bin/b3sum /usr/bin/b3sum.away");
    try {
      const repairing = context();
      assert.is((await publishOnce(spec, hashed, repairing, { repair: true })).outcome, "reused");
      const warnings = repairing.events.filter(({ type }) => type === "warning");
      assert.equal(warnings, [
        {
          type: "warning",
          message: "the published files' contents were not hashed: `b3sum` is missing on the host",
          hint: "install it there (Debian `apt-get install b3sum`, NixOS `environment.systemPackages = [ pkgs.b3sum ]`)",
        },
      ]);
      await host.exec(`echo more >>${remoteDir}/snapshot/big`);
      assert.is((await publishOnce(spec, hashed, context(), { repair: true })).outcome, "repaired");
      assert.is((await publishOnce(spec, hashed, context(), { repair: true })).outcome, "reused");
    } finally {
      await host.exec(
        `mv /usr/bin/b3sum.away /usr/bin/b3sum; rm -rf ${host.homeDir}/.local/state/pikaci/tmp/aside-*`,
      );
    }
  },
);

for (const kind of ["single", "multi"] as const) {
  test(`${kind}: every snapshot is what its name says, and the store is whole`, () => verifyHost(lab[kind]));
}

test.run();

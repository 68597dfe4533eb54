// needs: lab
// time-limit: 300
// exhaustive: each test on both kinds of hosts
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, readdirSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { childWords } from "../../scripts/suites/children.ts";
import { PUBLISHED_TIME } from "../../src/core/layout.ts";
import { dealTests } from "../exhaustive.ts";
import { type Lab, type LabHost, openLab } from "../lab/lab.ts";
import { leftNow, nothingLeft } from "../lab/leftovers.ts";
import { verifyHost } from "../lab/verify.ts";
import { makeContext, makeDirectory, removeWorkspaces } from "../workspace.ts";
import { hashTree, hostSpec, publishOnce } from "./publish-rig.ts";

const test = suite("publish by difference on hosts");
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

const newContext = () =>
  makeContext({
    PATH: process.env.PATH,
    HOME: process.env.HOME,
    TMPDIR: process.env.TMPDIR,
    NIX_SSHOPTS: lab.sshOptions,
  });

/** `count` files of `size` bytes in five directories. */
function makeTree(count: number, size: number, content = () => randomBytes(size)): string {
  const root = makeDirectory();
  for (let n = 0; n < count; n += 1) {
    mkdirSync(join(root, `dir${n % 5}`), { recursive: true });
    writeFileSync(join(root, `dir${n % 5}/file ${n}\n`), content());
  }
  return root;
}

const dealt = { single: dealTests(test, "single"), multi: dealTests(test, "multi") };

function onEither(name: string, check: (host: LabHost) => Promise<void>): void {
  for (const kind of ["single", "multi"] as const)
    dealt[kind](`${kind}: ${name}`, async () => {
      const before = await leftNow(lab[kind]);
      await lab[kind].resetCounts();
      await check(lab[kind]);
      await nothingLeft(lab[kind], before, 10);
    });
}

onEither("a change costs two remote commands and its own bytes, with and without memory", async (host) => {
  const [spec, tree, context] = [hostSpec(host.url, null), makeTree(100, 50_000), newContext()];
  const first = await publishOnce(spec, await hashTree(tree, context), context);
  for (const client of [context, newContext()]) {
    await host.resetCounts();
    writeFileSync(join(tree, "dir1/file 1\n"), randomBytes(100));
    const { bytesSent } = await publishOnce(spec, await hashTree(tree, client), client);
    assert.ok(bytesSent < first.bytesSent / 100, `${bytesSent} of ${first.bytesSent}`);
    assert.equal(await host.counts(), { connections: 1, commands: 2 });
  }
  renameSync(join(tree, "dir2"), join(tree, "other"));
  const { bytesSent } = await publishOnce(spec, await hashTree(tree, context), context, { verify: true });
  assert.ok(bytesSent < 60_000, `${bytesSent}`);
});

onEither("what can be compressed is", async (host) => {
  const line = randomBytes(40).toString("hex");
  const tree = makeTree(100, 0, () => Buffer.from(line.repeat(500)));
  const context = newContext();
  const published = await publishOnce(hostSpec(host.url, null), await hashTree(tree, context), context);
  assert.ok(published.bytesSent < published.hashed.byteCount / 10, `${published.bytesSent}`);
  const plain = { ...newContext(), env: { ...newContext().env, PATH: makePath() } };
  writeFileSync(join(tree, "more"), `${line}.`.repeat(20_000));
  const sent = await publishOnce(hostSpec(host.url, null), await hashTree(tree, context), plain);
  assert.ok(sent.bytesSent > 20_000 * line.length, `${sent.bytesSent}`);
});

/** A PATH on which there is no zstd. */
function makePath(): string {
  const dir = makeDirectory();
  for (const name of readdirSync("/usr/bin"))
    if (!name.includes("zstd")) symlinkSync(`/usr/bin/${name}`, join(dir, name));
  return dir;
}

onEither("an upload whose client was killed goes on where it was", async (host) => {
  const tree = makeTree(100, 300_000);
  await host.delay(50);
  const client = spawn(process.execPath, [...CLIENT, host.url, tree], {
    env: { ...process.env, NIX_SSHOPTS: lab.sshOptions },
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(client.stdout, "data");
  const tmp = `${host.homeDir}/.local/state/pikaci/tmp`;
  await eventually(async () => (await wholeFiles(host, tmp)) > 40);
  client.kill("SIGKILL");
  await once(client, "close");
  await host.delay(0);
  const arrived = await wholeFiles(host, tmp);
  const context = newContext();
  const rest = await publishOnce(hostSpec(host.url, null), await hashTree(tree, context), context);
  assert.ok(rest.bytesSent < (101 - arrived) * 301_000 + 100_000, `${rest.bytesSent} after ${arrived}`);
});

async function wholeFiles(host: LabHost, tmp: string): Promise<number> {
  const { stdout } = await host.exec(
    `find ${tmp} -path '*partial-*' -type f -name 'file*' ! -newermt @${PUBLISHED_TIME} | grep -c file`,
  );
  return Number(stdout);
}

async function eventually(check: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 200; tries += 1) {
    if (await check()) return;
    await new Promise((done) => setTimeout(done, 50));
  }
  throw new Error("not within ten seconds");
}

for (const kind of ["single", "multi"] as const)
  test(`${kind}: every snapshot is what its name says, and the store is whole`, () => verifyHost(lab[kind]));

test.run();

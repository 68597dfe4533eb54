// needs: lab
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { childWords } from "../../scripts/suites/children.ts";
import { must, waitFor } from "./command.ts";
import { openOwnedDir, startTime, sweep } from "./owner.ts";

const OWNER = childWords("test/lab/killed-owner.ts");

interface Opened {
  readonly hosts: readonly { rootDir: string; address: string }[];
  readonly sshOptions: string;
}

/** Command lines of this machine's processes, those in the hosts included. */
function commandLines(): string[] {
  return readdirSync("/proc").flatMap((pid) => {
    try {
      return /^\d+$/.test(pid) ? [readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ")] : [];
    } catch {
      return [];
    }
  });
}

/** Everything that could be left of a lab: its processes, addresses, mounts and directory. */
async function remains({ hosts, sshOptions }: Opened): Promise<string[]> {
  const dir = dirname(sshOptions.replace("-F ", ""));
  const addresses = await must("ip", ["-oneline", "addr"]);
  const near = hosts.map(({ address }) => ` ${address.replace(/\d+$/, (far) => String(Number(far) - 1))}/`);
  const names = near.filter((one) => addresses.includes(one));
  const routes = (await must("ip", ["route"]))
    .split("\n")
    .filter((line) => hosts.some((h) => line.startsWith(h.address)));
  const mounts = readFileSync("/proc/self/mounts", "utf8").split("\n");
  return [
    ...commandLines().filter((line) => line.includes(dir) || line.startsWith("sleep 4321")),
    ...hosts.map(({ rootDir }) => dirname(rootDir)).filter((proc) => existsSync(proc)),
    ...names,
    ...routes,
    ...mounts.filter((line) => line.includes(dir)),
    ...(existsSync(dir) ? [dir] : []),
  ];
}

test("kill -9 of the owner leaves nothing behind", async () => {
  const owner = spawn(process.execPath, OWNER, { stdio: ["ignore", "pipe", "inherit"] });
  const opened: Opened = JSON.parse(String((await once(owner.stdout, "data"))[0]));
  const running = () => commandLines().filter((line) => line.startsWith("sleep 4321")).length;
  await waitFor("both sleeps", 10, () => running() === 2 || undefined);
  assert.ok((await remains(opened)).length > 8);
  owner.kill("SIGKILL");
  let left: string[] = [];
  const gone = async () => {
    left = await remains(opened);
    return left.length === 0 || undefined;
  };
  await waitFor("nothing left", 5, gone).catch(() => assert.unreachable(`left: ${left.join("\n")}`));
});

test("the sweep takes directories of dead owners only", async () => {
  const own = openOwnedDir();
  const dead = join(tmpdir(), "pikaci-lab-99999999-1-Ab12cd");
  const reused = join(tmpdir(), `pikaci-lab-${process.pid}-${Number(startTime(process.pid)) - 1}-Ab12cd`);
  const foreign = join(tmpdir(), "pikaci-lab-notes");
  for (const dir of [dead, reused, foreign]) mkdirSync(dir);
  sweep();
  assert.equal([own.path, dead, reused, foreign].map(existsSync), [true, false, false, true]);
  await own.release();
  assert.not.ok(existsSync(own.path));
  await must("rmdir", [foreign]);
});

test.run();

import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { isProgram } from "../../scripts/setup/program.ts";
import { archiveOfThisMachine, KEYRING } from "./root.ts";

const PROGRAMS = "mmdebstrap unshare nsenter setpriv flock ip perl ssh ssh-keygen".split(" ");

/** What a host needs from the kernel and from this account, tried once in namespaces of its own. */
const PROBE = `
mount -t tmpfs tmpfs /mnt && mkdir /mnt/l /mnt/u /mnt/w /mnt/m
mount -t overlay -o lowerdir=/mnt/l,upperdir=/mnt/u,workdir=/mnt/w overlay /mnt/m
ip link add probe0 type veth peer name probe1
: </dev/net/tun`;

/** Why the lab cannot run here, one reason a line; empty when it can. */
export function labMissing(): string[] {
  if (process.env.PIKACI_TEST_LAB === "0") return ["PIKACI_TEST_LAB=0 leaves it out"];
  if (process.platform !== "linux") return [`it needs Linux, this is ${process.platform}`];
  if (process.getuid?.() !== 0) return ["it needs root, for namespaces, mounts and network devices"];
  const reasons = PROGRAMS.filter((name) => !isProgram(name)).map((name) => `${name} is not installed`);
  if (!existsSync(KEYRING)) reasons.push(`${KEYRING} is missing (package debian-archive-keyring)`);
  if (archiveOfThisMachine() === undefined) reasons.push("apt's sources name no Debian archive");
  if (/[\s,:]/.test(tmpdir()))
    reasons.push(`${tmpdir()} has a character that ssh or mount options cannot hold`);
  return reasons.length > 0 ? reasons : kernelMissing();
}

function kernelMissing(): string[] {
  const namespaces = ["--mount", "--net", "--pid", "--fork", "--uts", "--ipc"];
  const probe = spawnSync("unshare", [...namespaces, "sh", "-ec", PROBE], { encoding: "utf8" });
  return probe.status === 0
    ? []
    : [`this machine allows no namespaces, overlay or veth: ${probe.stderr.trim()}`];
}

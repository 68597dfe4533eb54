import { readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { quietLimit } from "../../scripts/suites/quiet-clock.ts";
import { EXEC_MARK } from "./host.ts";
import type { LabHost } from "./lab.ts";
import { pause } from "./pause.ts";
import type { HostProcess } from "./processes.ts";

/** Everything that a run may leave, on the host and on the client, one line a thing. */
export async function leftNow(host: LabHost): Promise<Set<string>> {
  return new Set([...(await seenFromHere(host)), ...(await workDirLeftovers(host))]);
}

/** What is seen without a process on the host. */
async function seenFromHere(host: LabHost): Promise<string[]> {
  const processes = await startedOnHost(host);
  const mounts = readFileSync(join(host.rootDir, "../mounts"), "utf8");
  return [
    ...processes.map(({ pid, args }) => `host process: ${pid} ${args.slice(0, 120)}`),
    ...mounts.split("\n").map((line) => `host mount: ${line}`),
    ...sshClients(host.address).map((args) => `client process: ${args.slice(0, 120)}`),
    ...readdirSync(tmpdir())
      .filter((name) => name.startsWith("pikaci-ssh"))
      .map((name) => `client directory: ${name}`),
  ];
}

/** Processes of the host that are neither its daemons nor a test's own: those that pikaci or a tool over ssh has there. */
export async function startedOnHost(host: LabHost): Promise<HostProcess[]> {
  return (await host.processes()).filter((one) => !isHostsOwn(one));
}

/** In one process, however many there are. */
const HELD_LOCKS = `for (@ARGV) {
  open(my $lock, "<", $_) or $!{ENOENT} and next;
  flock($lock, LOCK_EX | LOCK_NB) or print "host lock held: $_\\n";
}`;

/** Staging directories (what arrived of a cut upload is kept on purpose), lock files that are held, and runs that nobody finished. */
async function workDirLeftovers(host: LabHost): Promise<string[]> {
  const { stdout } = await host.exec(`
    cd ${host.homeDir}/.local/state/pikaci 2>/dev/null || exit 0
    for d in tmp/*; do
      case $d in tmp/partial-*) flock -n "$d" true && continue ;; esac
      [ ! -e "$d" ] || echo "host staging: $d"
    done
    perl -MFcntl=:flock -e '${HELD_LOCKS}' locks/*
    for r in runs/*; do [ ! -e "$r" ] || [ -e "$r/keep" ] || echo "host run: $r"; done`);
  return stdout.split("\n").filter((line) => line !== "");
}

/** Daemons, and what a test itself runs there: the host's programs of pikaci's are none of these. */
function isHostsOwn({ args, environ = "" }: Omit<HostProcess, "pid">): boolean {
  return (
    /^(sshd|\S*\/sshd|sshd-session|\S*nix-daemon)/.test(args) || ` ${environ} `.includes(` ${EXEC_MARK} `)
  );
}

/** Command lines of this machine's ssh clients that hold `words`. */
export function sshClients(words: string): string[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => commandLine(pid))
    .filter((args) => args.startsWith("ssh ") && args.includes(words));
}

function commandLine(pid: string): string {
  try {
    return readFileSync(join("/proc", pid, "cmdline"), "utf8")
      .replaceAll("\0", " ")
      .trim();
  } catch {
    return "";
  }
}

/** Fails with the list when, `seconds` of a quiet machine from now, more is left than there was `before`. */
export async function nothingLeft(
  host: LabHost,
  before: ReadonlySet<string>,
  seconds: number,
): Promise<void> {
  const isOver = quietLimit(seconds);
  const began = performance.now();
  for (;;) {
    const isNew = (line: string) => !before.has(line);
    const seen = (await seenFromHere(host)).filter(isNew);
    const left = seen.length > 0 ? seen : (await workDirLeftovers(host)).filter(isNew);
    if (left.length === 0) return;
    if (isOver()) throw new Error(`left after ${seconds} s:\n${left.join("\n")}`);
    await pause(began, 50);
  }
}

// needs: lab
// time-limit: 240
import { spawn } from "node:child_process";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { must, run, waitFor } from "./command.ts";
import { type HostKind, type Lab, type LabHost, openLab } from "./lab.ts";
import { leftNow, nothingLeft } from "./leftovers.ts";

const NIX_VERSION = { single: /^nix \(Nix\) 2\.26\./, multi: /^nix \(Nix\) 2\.3\d\./ } as const;
let lab: Lab;

test.before(async () => {
  lab = await openLab();
});
test.after(async () => {
  await lab?.stop();
});

const ssh = (host: LabHost, command: string, ...options: string[]) =>
  run("ssh", [
    ...lab.sshOptions.split(" "),
    "-o",
    "BatchMode=yes",
    ...options,
    `${host.user}@${host.address}`,
    command,
  ]);

function onBoth(name: string, check: (host: LabHost) => Promise<void>): void {
  for (const kind of ["single", "multi"] satisfies HostKind[])
    test(`${kind}: ${name}`, () => check(lab[kind]));
}

/** A flake that needs nothing but itself: its builder is the busybox beside it. */
const FLAKE = `
set -e
mkdir -p "$HOME/flake/tools" && cd "$HOME/flake"
cp "$(command -v busybox)" tools/busybox
cat >flake.nix <<'NIX'
{
  outputs = { self }: {
    packages.x86_64-linux.default = derivation {
      name = "seen"; system = "x86_64-linux";
      builder = "\${self}/tools/busybox";
      args = [ "sh" "-c" "{ ls /; busybox ls /home; busybox id -u; } >$out 2>&1; true" ];
      PATH = "\${self}/tools";
    };
  };
}
NIX
nix build --no-link --print-out-paths "path:$HOME/flake" | xargs cat`;

onBoth("is a host of its own", async (host) => {
  const seen = await ssh(host, "id -un; hostname; pwd; nix --version; echo $$");
  const [user, name, home, nix] = seen.stdout.split("\n");
  assert.equal([user, name, home], [host.user, host.name, host.homeDir], seen.stderr);
  assert.match(nix ?? "", NIX_VERSION[host.kind]);
  assert.not.equal(
    await must("readlink", [`${host.rootDir}/proc/1/ns/net`]),
    await must("readlink", ["/proc/self/ns/net"]),
  );
});

onBoth("Nix builds in a sandbox", async (host) => {
  const built = await ssh(host, FLAKE);
  assert.is(built.exitCode, 0, built.stderr);
  assert.not.match(built.stdout, /^(home|usr|root)$/m);
  assert.match(built.stdout, /^nix$/m);
});

onBoth("the account may make user namespaces, with an overlay inside", async (host) => {
  const namespaces = "unshare --user --map-root-user --mount --pid --fork --mount-proc";
  const overlay = "lowerdir=/etc,upperdir=/tmp/u,workdir=/tmp/w,userxattr";
  const inside = `mount -t tmpfs t /tmp && mkdir /tmp/u /tmp/w /tmp/m && mount -t overlay -o ${overlay} o /tmp/m && ls /tmp/m/passwd`;
  const unshared = await ssh(host, `${namespaces} sh -c '${inside}'`);
  assert.is(unshared.stdout, "/tmp/m/passwd\n", unshared.stderr);
  const boxed = await ssh(
    host,
    "bwrap --unshare-all --ro-bind / / --proc /proc --dev /dev ps -o pid= -o comm=",
  );
  assert.is(boxed.stdout.split("\n").length, 3, boxed.stdout + boxed.stderr);
});

test("multi: Nix does not trust the account, single: it does", async () => {
  const trusted = async (host: LabHost) => (await ssh(host, "nix store ping 2>&1")).stdout;
  assert.match(await trusted(lab.single), /Trusted: 1/);
  assert.match(await trusted(lab.multi), /Trusted: 0/);
  const unsigned = `cd && echo hello >text && path=$(nix store add-file text) &&
    nix-store --export "$path" >export && nix store delete "$path" && nix-store --import <export`;
  const copied = await ssh(lab.multi, unsigned);
  assert.match(copied.stderr, /lacks a (valid )?signature/);
  assert.is.not(copied.exitCode, 0);
});

onBoth("sshd keeps its default limits", async (host) => {
  const { stdout } = await host.exec("sshd -T");
  assert.match(stdout, /^maxsessions 10$/im);
  assert.match(stdout, /^maxstartups 10:30:100$/im);
});

onBoth("connections and commands are counted", async (host) => {
  await host.resetCounts();
  assert.equal(await host.counts(), { connections: 0, commands: 0 });
  await ssh(host, "true");
  await ssh(host, "true");
  assert.equal(await host.counts(), { connections: 2, commands: 2 });
  await host.resetCounts();
  await host.exec("true");
  assert.equal(await host.counts(), { connections: 0, commands: 0 });
});

onBoth("exec runs as root or as an account, with its home", async (host) => {
  assert.equal(await host.exec("id -un; pwd; exit 3"), { stdout: "root\n/root\n", stderr: "", exitCode: 3 });
  const own = await host.exec("id -un; pwd; echo $HOME", { user: host.user });
  assert.is(own.stdout, `${host.user}\n${host.homeDir}\n${host.homeDir}\n`, own.stderr);
});

onBoth("processes are listed, also those in deeper namespaces", async (host) => {
  const running = host.exec("MARK=seen unshare --pid --fork --mount-proc sleep 4321");
  const deep = await waitFor("the process", 5, async () =>
    (await host.processes()).find(({ args }) => args === "sleep 4321"),
  );
  assert.match(deep.environ ?? "", /MARK=seen/);
  await host.exec(`kill -9 ${deep.pid}`);
  await running;
});

onBoth("a host program that is still there counts as left, what exec runs does not", async (host) => {
  const before = await leftNow(host);
  const running = host.exec("sh -c 'sleep 4322; true'; true");
  const program = spawn("ssh", [
    ...lab.sshOptions.split(" "),
    `${host.user}@${host.address}`,
    "exec sh -c 'eval \"$(head -c 9)\"'",
  ]);
  const asked = await waitFor("the program", 10, async () => {
    const left = [...(await leftNow(host))].filter((line) => !before.has(line));
    return left.some((line) => /^host process: \d+ sh -c eval/.test(line)) ? left : undefined;
  });
  assert.not.match(asked.join("\n"), "4322");
  await nothingLeft(host, before, 0).then(
    () => assert.unreachable("nothing seems to be left"),
    (error: Error) => assert.match(error.message, "sh -c eval"),
  );
  program.stdin.end("exit 0\n\n\n");
  await nothingLeft(host, before, 10);
  const slept = (await host.processes()).filter(({ args }) => args === "sleep 4322");
  await host.exec(`kill ${slept.map(({ pid }) => pid).join(" ")}`);
  await running;
});

onBoth("a small disk fills up", async (host) => {
  await host.mountSmallDisk(`${host.homeDir}/small`, "1m");
  const filled = await ssh(host, "head -c 2000000 /dev/zero >small/file");
  assert.match(filled.stderr, /No space left on device/);
});

test("two labs at once do not collide", async () => {
  const second = await openLab(["single"]);
  try {
    assert.is.not(second.single.address, lab.single.address);
    assert.is((await ssh(lab.single, "hostname")).exitCode, 0);
  } finally {
    await second.stop();
  }
  assert.is((await ssh(lab.single, "hostname")).exitCode, 0);
});

test.run();

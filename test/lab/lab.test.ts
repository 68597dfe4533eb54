// needs: lab
// time-limit: 240
import { test } from "uvu";
import * as assert from "uvu/assert";
import { must, run } from "./command.ts";
import type { HostKind } from "./etc.ts";
import { type Lab, type LabHost, openLab } from "./lab.ts";

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
test.run();

// needs: lab
// time-limit: 600
// exhaustive: each test on both kinds of hosts
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { quietLimit } from "../../scripts/suites/quiet-clock.ts";
import { dealTests } from "../exhaustive.ts";
import { makeDirectory } from "../workspace.ts";
import { checkEnd, type ErrorEnd } from "./ended.ts";
import type { HostKind, LabHost } from "./lab.ts";
import { type LabContext, labSuite, openProject } from "./lab-suite.ts";
import { leftNow, nothingLeft, sshClients } from "./leftovers.ts";
import type { Rig } from "./rig.ts";
import { verifyHost } from "./verify.ts";

const test = labSuite("lab/bad-hosts");

interface Place {
  readonly url: string;
  readonly workDir?: string;
  /** ssh options that win over the lab's. */
  readonly options?: string;
}

/** A project with one job, whose only host is this place. */
function project(context: LabContext, { url, workDir, options = "" }: Place): Rig {
  const rig = openProject(context, options);
  rig.write({ file: "content\n" });
  rig.configure({
    host: "there",
    hosts: { there: { url, workDir, lease: "6s" } },
    jobs: { x: { command: "cat file" } },
  });
  return rig;
}

const infra = { code: 3, kind: "infra" } as const;
const trust = { code: 4, kind: "trust" } as const;

interface Unreachable extends ErrorEnd {
  readonly place: (host: LabHost) => Place;
}

const unreachable: Readonly<Record<string, Unreachable>> = {
  "that refuses": {
    ...infra,
    place: ({ user, address }) => ({ url: `ssh://${user}@${address}:1` }),
    says: ["refused the connection"],
    hint: "its sshd listens on port 1",
  },
  "that does not resolve": {
    ...infra,
    place: () => ({ url: "ssh://no-such-host.invalid" }),
    says: ["ssh://no-such-host.invalid does not resolve"],
    hint: "check the name",
  },
  "that does not let the user in": {
    ...infra,
    place: ({ address }) => ({ url: `ssh://stranger@${address}` }),
    says: ["does not let this user in", "Permission denied"],
    hint: /load a key with `ssh-add`.*try `ssh stranger@/,
  },
  "with an unknown key": {
    ...trust,
    place: ({ url }) => ({ url, options: "-o UserKnownHostsFile=/dev/null" }),
    says: ["has a host key that is not known here"],
    hint: /show its fingerprint with `ssh-keyscan -p 22 [\d.]+ \| ssh-keygen -lf -`.*accept it by `ssh \w+@/,
  },
  "with a changed key": {
    ...trust,
    place: (host) => ({ url: host.url, options: `-o UserKnownHostsFile=${wrongKey(host)}` }),
    says: ["shows another host key than the one that is known"],
    hint: /compare `ssh-keyscan -p 22 [\d.]+ \| ssh-keygen -lf -`.*`ssh-keygen -R [\d.]+`/,
  },
};

/** A known_hosts file that has another key for this host. */
function wrongKey(host: LabHost): string {
  const file = join(makeDirectory(), "known_hosts");
  const other = readFileSync(join(host.rootDir, "etc/ssh/lab_authorized_keys"), "utf8");
  writeFileSync(file, `${host.address} ${other}`);
  return file;
}

for (const [what, { place, ...end }] of Object.entries(unreachable)) {
  test(`a host ${what}: exit ${end.code}`, async (context) => {
    const host = context.lab.single;
    const before = await leftNow(host);
    const rig = project(context, place(host));
    checkEnd(rig, await rig.pikaci("run"), end);
    await nothingLeft(host, before, 5);
  });
}

interface Listener extends ErrorEnd {
  readonly greet: (socket: Socket) => void;
  readonly seconds: number;
}

const listeners: Readonly<Record<string, Listener>> = {
  "accepts and then hangs": {
    ...infra,
    greet: () => {},
    seconds: 10,
    says: ["accepted the connection and then said nothing"],
    hint: /try `ssh -p \d+ 127.0.0.1 true`/,
  },
  "greets and then hangs": {
    ...infra,
    greet: (socket) => void socket.write("SSH-2.0-OpenSSH_9.9\r\n"),
    seconds: 20,
    says: ["accepted the connection but did not answer"],
    hint: "ssh",
  },
  "accepts and hangs up": {
    ...infra,
    greet: (socket) => void socket.end(),
    seconds: 45,
    says: ["closed the connection before it was open"],
    hint: "takes no more connections at once",
  },
};

for (const [what, { greet, seconds, ...end }] of Object.entries(listeners)) {
  test(`a host that ${what}: exit 3 within ${seconds} s`, async (context) => {
    const sockets = new Set<Socket>();
    const server = createServer((socket) => {
      sockets.add(socket.on("error", () => {}));
      greet(socket);
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    try {
      const { port } = server.address() as AddressInfo;
      const rig = project(context, { url: `ssh://127.0.0.1:${port}`, options: "-o ConnectTimeout=3" });
      const isOver = quietLimit(seconds);
      checkEnd(rig, await rig.pikaci("run"), end);
      assert.not(isOver());
      assert.equal(sshClients(`-p ${port} `), []);
    } finally {
      for (const socket of sockets) socket.destroy();
      server.close();
    }
  });
}

interface Lacking extends ErrorEnd {
  readonly kinds: readonly HostKind[];
  /** Shell, as root on the host; `undo` takes it back. */
  readonly spoil: string;
  readonly undo: string;
  readonly place?: (host: LabHost) => Place;
}

const both = ["single", "multi"] as const;
const away = (...files: string[]) => ({
  spoil: files.map((file) => `mv ${file} ${file}.away`).join(" && "),
  undo: files.map((file) => `mv ${file}.away ${file}`).join(" && "),
});

const lacking: Readonly<Record<string, Lacking>> = {
  "has no Nix": {
    ...infra,
    ...away("/usr/bin/nix", "/usr/bin/nix-store", "/usr/bin/nix-instantiate"),
    kinds: both,
    says: ["cannot run this: Nix is not installed"],
    hint: "install Nix: `apt-get install nix-bin nix-setup-systemd`",
  },
  "has no Nix daemon": {
    ...infra,
    ...away("/nix/var/nix/daemon-socket/socket"),
    kinds: ["multi"],
    says: ["Nix cannot use its store"],
    hint: "an ordinary user needs the Nix daemon",
  },
  "has no bubblewrap": {
    ...infra,
    ...away("/usr/bin/bwrap"),
    kinds: both,
    says: ["cannot run this: `bwrap` is missing"],
    hint: "Debian `apt-get install bubblewrap`",
  },
  // The kernel lets nobody make a user namespace whose root is not its mount namespace's.
  "has no user namespaces": {
    ...infra,
    spoil:
      "mkdir -p /jail && mount --rbind / /jail && chroot /jail /usr/sbin/sshd -f /etc/ssh/sshd_config -E /var/log/sshd.log -o PidFile=/run/jail.pid -p 2222",
    undo: 'kill "$(cat /run/jail.pid)"; umount -l /jail',
    place: ({ url, address }) => ({ url: `${url}:2222`, options: `-o HostKeyAlias=${address}` }),
    kinds: both,
    says: [/cannot make namespaces: .*Operation not permitted|bubblewrap does not work: .*namespace/],
    hint: "allow user namespaces: `sysctl -w user.max_user_namespaces",
  },
  "has a read-only work dir": {
    ...infra,
    spoil: "mkdir -p /frozen/work && mount -t tmpfs -o mode=0777 t /frozen && mount -o remount,ro /frozen",
    undo: "umount /frozen",
    place: ({ url }) => ({ url, workDir: "/frozen/work" }),
    kinds: both,
    says: ["the work dir /frozen/work cannot be made", "Read-only file system"],
    hint: "workDir",
  },
  "has a file in place of the work dir": {
    ...infra,
    spoil: "echo file >/occupied",
    undo: "rm /occupied",
    place: ({ url }) => ({ url, workDir: "/occupied" }),
    kinds: both,
    says: ["the work dir /occupied cannot be made", "exists"],
    hint: "workDir",
  },
  "has a work dir of somebody else": {
    ...infra,
    spoil: "mkdir -m 0755 /foreign",
    undo: "rmdir /foreign",
    place: ({ url }) => ({ url, workDir: "/foreign" }),
    kinds: ["multi"],
    says: ["the work dir /foreign cannot be written", "Permission denied"],
    hint: "workDir",
  },
};

const dealt = { single: dealTests(test, "single"), multi: dealTests(test, "multi") };

for (const [what, { kinds, spoil, undo, place, ...end }] of Object.entries(lacking)) {
  for (const kind of kinds) {
    const register = kinds === both ? dealt[kind] : test;
    register(
      `${kind}: a host that ${what}: exit 3 before anything is uploaded, then a run passes`,
      async (context) => {
        const host = context.lab[kind];
        const there = place?.(host) ?? { url: host.url };
        const rig = project(context, there);
        const before = await leftNow(host);
        await host.resetCounts();
        const spoiled = await host.exec(spoil);
        assert.is(spoiled.exitCode, 0, spoiled.stderr);
        try {
          const record = checkEnd(rig, await rig.pikaci("run"), end);
          assert.is(record.snapshot?.outcome, null);
          assert.equal(await host.counts(), { connections: 1, commands: 1 });
        } finally {
          assert.is((await host.exec(undo)).exitCode, 0);
        }
        await nothingLeft(host, before, 5);
        const next = await rig.pikaci("run", "--on", host.url);
        assert.is(next.code, 0, next.stderr);
      },
    );
  }
}

for (const kind of both)
  test(`${kind}: its store and its snapshots are whole`, ({ lab }) => verifyHost(lab[kind]));

test.run();

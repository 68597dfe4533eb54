// needs: lab
// time-limit: 240
// exhaustive: each test on both kinds of hosts
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { type AddressInfo, connect as connectTcp, createServer } from "node:net";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { childWords } from "../../../scripts/suites/children.ts";
import { quietLimit } from "../../../scripts/suites/quiet-clock.ts";
import { InfraError, type PikaciError, TrustError } from "../../../src/core/errors.ts";
import { connect } from "../../../src/remote/connect.ts";
import type { Channel, Connection } from "../../../src/remote/connection.ts";
import { type HostSession, openSession } from "../../../src/remote/session.ts";
import { newRunId } from "../../../src/system/run-id.ts";
import { dealTests } from "../../exhaustive.ts";
import { type Lab, type LabHost, openLab } from "../../lab/lab.ts";
import { leftNow, nothingLeft } from "../../lab/leftovers.ts";
import { hostSpec } from "../../publish/publish-rig.ts";
import { makeContext, makeDirectory, rejection, removeWorkspaces } from "../../workspace.ts";

const test = suite("ssh");
const CLIENT = childWords("test/remote/ssh/client.ts");
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

/** The lab's ssh options, after these, which therefore win. */
const context = (first = "") =>
  makeContext({
    HOME: process.env.HOME,
    TMPDIR: process.env.TMPDIR,
    NIX_SSHOPTS: `${first} ${lab.sshOptions}`,
  });

interface Ask {
  readonly options?: string;
  readonly backends?: readonly string[];
  readonly silentMs?: number;
}

async function withSession<T>(url: string, ask: Ask, use: (session: HostSession) => Promise<T>): Promise<T> {
  const within = context(ask.options);
  const connection = await connect(hostSpec(url, null), within);
  try {
    const runId = newRunId(new Date());
    const { backends = [] } = ask;
    const questions = { runId, projectId: "p", contentHash: null, runners: [], backends };
    return await use(await openSession(connection, questions, within, ask.silentMs));
  } finally {
    await connection.close();
  }
}

async function refused(url: string, ask: Ask = {}): Promise<PikaciError> {
  const error = await rejection(withSession(url, ask, async () => {}));
  if (error instanceof InfraError || error instanceof TrustError) return error;
  throw error;
}

const where = (error: PikaciError) => (error instanceof InfraError ? error.where : error.kind);

/** A program that stays until its channel is closed, once it has answered. */
async function hold(connection: Connection): Promise<Channel> {
  const channel = await connection.open("hold", { lease_ms: "6000" }, { heartbeat: true });
  for await (const { type } of channel.frames()) {
    assert.is(type, "ready");
    return channel;
  }
  throw new Error("no answer");
}

const dealt = { single: dealTests(test, "single"), multi: dealTests(test, "multi") };

function onEither(name: string, check: (host: LabHost) => Promise<void>): void {
  for (const kind of ["single", "multi"] as const) {
    dealt[kind](`${kind}: ${name}`, async () => {
      const host = lab[kind];
      const before = await leftNow(host);
      await host.resetCounts();
      await check(host);
      await nothingLeft(host, before, 5);
    });
  }
}

onEither("everything goes over one connection", async (host) => {
  await withSession(host.url, { backends: ["sandbox"] }, async ({ connection, facts }) => {
    assert.is(facts.user, host.user);
    assert.is(facts.workDir, `${host.homeDir}/.local/state/pikaci`);
    const channels = await Promise.all([hold(connection), hold(connection), hold(connection)]);
    for (const channel of channels) channel.end();
    assert.equal(await channels[0]?.closed, { exitCode: 0 });
  });
  assert.equal(await host.counts(), { connections: 1, commands: 4 });
});

onEither("twenty channels at once take three connections", async (host) => {
  await withSession(host.url, {}, async ({ connection }) => {
    await Promise.all(Array.from({ length: 20 }, () => hold(connection)));
  });
  assert.equal(await host.counts(), { connections: 3, commands: 23 });
});

onEither("a session that sshd refuses is tried again", async (host) => {
  await withSession(host.url, {}, async ({ connection }) => {
    const words = connection.nixStore().env.NIX_SSHOPTS?.split(" ") ?? [];
    const hogs = Array.from({ length: 9 }, () =>
      spawn("ssh", [...words, `${host.user}@${host.address}`, "echo on; exec sleep 2"], {
        stdio: ["ignore", "pipe", "ignore"],
      }),
    );
    await Promise.all(hogs.map(({ stdout }) => once(stdout, "data")));
    const began = Date.now();
    await hold(connection);
    assert.ok(Date.now() - began > 1000, `${Date.now() - began}`);
  });
});

onEither("a connection that sshd refuses because too many are starting is tried again", async (host) => {
  const config = join(host.rootDir, "etc/ssh/sshd_config");
  const old = readFileSync(config, "utf8");
  const reload = () => host.exec("kill -HUP $(cat /run/sshd.pid); sleep 0.5");
  writeFileSync(config, `${old}\nMaxStartups 1:100:1\n`);
  await reload();
  const starting = connectTcp(22, host.address);
  await once(starting, "data");
  const timer = setTimeout(() => starting.destroy(), 1500);
  try {
    const began = Date.now();
    await withSession(host.url, {}, async ({ facts }) => assert.is(facts.user, host.user));
    assert.ok(Date.now() - began > 1000, `${Date.now() - began}`);
  } finally {
    clearTimeout(timer);
    writeFileSync(config, old);
    await reload();
  }
});

/** Lines of ~/.ssh/config that change what a session is, by ssh_config(5) of OpenSSH 9.2 and 10. */
const SESSION_LINES: readonly string[] = [
  "RequestTTY force",
  "RemoteCommand echo not what was asked for",
  "StdinNull yes",
  "SessionType none",
  "SessionType subsystem",
  "ForkAfterAuthentication yes",
  "LocalForward 127.0.0.1:22222 127.0.0.1:22\n  ExitOnForwardFailure yes",
  "RemoteForward 127.0.0.1:22 127.0.0.1:22\n  ExitOnForwardFailure yes",
  "DynamicForward 127.0.0.1:22222\n  ExitOnForwardFailure yes",
  "Tunnel yes\n  ExitOnForwardFailure yes",
  "PermitLocalCommand yes\n  LocalCommand echo said here",
  "ControlMaster auto\n  ControlPath ~/of-the-user-%C\n  ControlPersist yes",
  "EscapeChar x",
  "ForwardX11 yes\n  ForwardAgent yes",
  "SetEnv TAR_OPTIONS=--verbose",
  "VisualHostKey yes\n  LogLevel DEBUG",
  "BatchMode no\n  NumberOfPasswordPrompts 3",
  "ChannelTimeout session=1\n  IgnoreUnknown ChannelTimeout",
  "UseKeychain yes\n  IgnoreUnknown UseKeychain",
];

test("no line of ~/.ssh/config changes what pikaci's session is, nor Nix's", async () => {
  const host = lab.multi;
  const labConfig = lab.sshOptions.replace(/^-F /, "");
  const file = join(makeDirectory(), "config");
  const busy = createServer().listen(22_222, "127.0.0.1");
  await once(busy, "listening");
  try {
    for (const lines of [
      ...SESSION_LINES,
      SESSION_LINES.filter((line) => !/SessionType n/.test(line)).join("\n  "),
    ]) {
      writeFileSync(file, `Host *\n  ${lines}\nInclude ${labConfig}\n`);
      const within = makeContext({
        HOME: process.env.HOME,
        TMPDIR: process.env.TMPDIR,
        NIX_SSHOPTS: `-F ${file}`,
      });
      const connection = await connect(hostSpec(host.url, null), within);
      try {
        const questions = {
          runId: newRunId(new Date()),
          projectId: "p",
          contentHash: null,
          runners: [],
          backends: [],
        };
        const { facts } = await openSession(connection, questions, within);
        assert.is(facts.user, host.user, lines);
        await hold(connection);
        const words = connection.nixStore().env.NIX_SSHOPTS?.split(" ") ?? [];
        const asNix = spawnSync("ssh", [...words, `${host.user}@${host.address}`, "cat"], {
          input: "as it was sent\n",
          encoding: "utf8",
        });
        assert.equal([asNix.status, asNix.stdout, asNix.stderr], [0, "as it was sent\n", ""], lines);
      } finally {
        await connection.close();
      }
    }
  } finally {
    busy.close();
  }
});

test("a ProxyCommand that does not exist is an error at once", async () => {
  const error = await refused(lab.multi.url, { options: "-o ProxyCommand=no-such-proxy" });
  assert.is(where(error), "client", error.message);
  assert.match(error.message, "its ProxyCommand does not start");
});

onEither("a host key that is unknown or has changed is a question of trust", async (host) => {
  const unknown = await refused(host.url, { options: "-o UserKnownHostsFile=/dev/null" });
  assert.instance(unknown, TrustError);
  assert.is(unknown.exitCode, 4);
  assert.match(unknown.hint ?? "", `ssh-keyscan -p 22 ${host.address} | ssh-keygen -lf -`);
  const known = join(makeDirectory(), "known_hosts");
  const wrong = readFileSync(join(host.rootDir, "etc/ssh/lab_authorized_keys"), "utf8");
  writeFileSync(known, `${host.address} ${wrong}`);
  const changed = await refused(host.url, { options: `-o UserKnownHostsFile=${known}` });
  assert.instance(changed, TrustError);
  assert.match(changed.message, "another host key");
});

onEither("what keeps a client out is named", async (host) => {
  const denied = await refused(`ssh://nobody@${host.address}`);
  assert.is(where(denied), "host");
  assert.match(denied.message, "does not let this user in");
  const closed = await refused(`ssh://${host.address}:1`);
  assert.is(where(closed), "network");
  assert.match(closed.message, "refused the connection");
  const nowhere = await refused("ssh://no-such-host.invalid");
  assert.is(where(nowhere), "network");
  assert.match(nowhere.message, "does not resolve");
  const options = await refused(host.url, { options: "-o NoSuchOption=1" });
  assert.is(where(options), "client");
  assert.match(options.hint ?? "", "NIX_SSHOPTS");
});

test("a host that accepts and then says nothing is given up", async () => {
  const server = createServer(() => {}).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const isOver = quietLimit(10);
  const error = await refused(`ssh://127.0.0.1:${port}`, { options: "-o ConnectTimeout=2" });
  assert.not(isOver());
  assert.is(where(error), "network");
  assert.match(error.message, "then said nothing");
  const connection = await connect(hostSpec(`ssh://127.0.0.1:${port}`, null), context());
  const tooLate = quietLimit(2);
  await connection.close();
  assert.not(tooLate(), "closing waits for a connection that nobody needs");
  server.close();
});

/** With this text as the start-up file of the account's login shell. */
async function withStartUpFile(host: LabHost, text: string, use: () => Promise<void>): Promise<void> {
  const file = join(host.rootDir, host.homeDir, ".bashrc");
  const old = existsSync(file) ? readFileSync(file) : null;
  writeFileSync(file, text);
  try {
    await use();
  } finally {
    if (old === null) rmSync(file);
    else writeFileSync(file, old);
  }
}

onEither("a login shell that talks or waits is named", async (host) => {
  await withStartUpFile(host, "echo Welcome\n", async () => {
    const error = await refused(host.url);
    assert.is(where(error), "host");
    assert.match(error.message, 'not pikaci\'s: "Welcome"');
    assert.match(error.hint ?? "", ".bashrc");
  });
  await withStartUpFile(host, "sleep 8\n", async () => {
    const error = await refused(host.url, { silentMs: 1500 });
    assert.is(where(error), "network");
    assert.match(error.message, "did not answer within 1.5 s");
    await new Promise((done) => setTimeout(done, 7000));
  });
});

onEither("what the host lacks is named, all at once", async (host) => {
  const away = "cd /usr/bin && for f in bwrap setpriv nix-instantiate; do mv $f away-$f; done";
  const back = "cd /usr/bin && for f in bwrap setpriv nix-instantiate; do mv away-$f $f; done";
  await host.exec(away);
  try {
    const error = await refused(host.url, { backends: ["sandbox"] });
    assert.is(where(error), "host");
    for (const what of ["Nix is not installed", "`bwrap` is missing", "`setpriv` is missing"])
      assert.match(error.message, what);
    assert.match(error.hint ?? "", "apt-get install bubblewrap");
  } finally {
    await host.exec(back);
  }
});

onEither("a dead connection is an error, not a new connection", async (host) => {
  const options = "-o ServerAliveInterval=1 -o ServerAliveCountMax=2";
  const error = await rejection(
    withSession(host.url, { options }, async ({ connection }) => {
      const channel = await hold(connection);
      await host.cut();
      try {
        const lost = await rejection(channel.closed);
        assert.ok(lost instanceof InfraError && lost.where === "network", String(lost));
      } finally {
        await host.restore();
      }
      await hold(connection);
    }),
  );
  assert.ok(error instanceof InfraError && error.where === "network", String(error));
  assert.match(error.message, "was lost");
  assert.is((await host.counts()).connections, 1);
  // Silence without an end: the host's side goes when the lease of 6 s is over.
  await new Promise((done) => setTimeout(done, 6000));
});

async function startClient(host: LabHost): Promise<ChildProcess> {
  const child = spawn(process.execPath, [...CLIENT, host.url], {
    env: { ...process.env, NIX_SSHOPTS: lab.sshOptions },
    stdio: ["ignore", "pipe", "inherit"],
    detached: true,
  });
  await line(child, "ready");
  return child;
}

async function line(child: ChildProcess, expected: string): Promise<void> {
  if (child.stdout === null) throw new Error("no stdout");
  const [data] = await once(child.stdout, "data");
  assert.is(String(data).trim(), expected);
}

onEither("a client that is killed leaves nothing, here or there", async (host) => {
  const client = await startClient(host);
  client.kill("SIGKILL");
  await once(client, "close");
});

onEither("Ctrl-C at the terminal does not reach the connection", async (host) => {
  const client = await startClient(host);
  process.kill(-(client.pid ?? 0), "SIGINT");
  await line(client, "alive");
  client.kill("SIGKILL");
  await once(client, "close");
});

test("socket directories of dead clients are swept; those of the living stay", async () => {
  const base = makeDirectory();
  const make = (pid: number, ageMs: number) => {
    const dir = join(base, `pikaci-ssh-${pid}-abcdef`);
    mkdirSync(dir);
    utimesSync(dir, new Date(Date.now() - ageMs), new Date(Date.now() - ageMs));
    return dir;
  };
  const [dead, young, living] = [make(4_194_300, 120_000), make(4_194_301, 0), make(process.pid, 120_000)];
  const within = makeContext({ XDG_RUNTIME_DIR: base, NIX_SSHOPTS: lab.sshOptions });
  await (await connect(hostSpec(lab.single.url, null), within)).close();
  assert.equal(
    [dead, young, living].map((dir) => existsSync(dir)),
    [false, true, true],
  );
});

test.run();

// needs: lab
// time-limit: 600
// exhaustive: each test on both kinds of hosts
import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { quietLimit } from "../../scripts/suites/quiet-clock.ts";
import { LOADER } from "../../src/remote/programs.ts";
import { dealTests } from "../exhaustive.ts";
import { checkEnd } from "./ended.ts";
import type { LabHost } from "./lab.ts";
import { type LabContext, labSuite, openProject } from "./lab-suite.ts";
import { leftNow, nothingLeft } from "./leftovers.ts";
import type { HostProcess } from "./processes.ts";
import { type Ended, eventually, jobOf, type Rig } from "./rig.ts";
import { verifyHost } from "./verify.ts";

const test = labSuite("lab/bad-days");

/** A job that goes on for minutes while its file `slow` says so. */
function project(context: LabContext, host: LabHost): Rig {
  const rig = openProject(context);
  rig.write({ slow: "yes\n" });
  rig.configure({
    host: "there",
    hosts: { there: { url: host.url, lease: "6s" } },
    jobs: { x: { command: "echo begun; echo part >/artifacts/part; grep -q no slow || sleep 600" } },
  });
  return rig;
}

interface Running {
  readonly rig: Rig;
  readonly child: ReturnType<Rig["start"]>["child"];
  readonly ended: Promise<Ended>;
  /** The guest on the host. */
  readonly before: ReadonlySet<string>;
}

async function startJob(context: LabContext, host: LabHost): Promise<Running> {
  const before = await leftNow(host);
  const rig = project(context, host);
  const client = rig.start("run");
  await eventually("the job runs", 60, async () => {
    const guest = (await host.processes()).some(({ args }) => args === "sleep 600");
    return guest && rig.jobFile("x", "guest.log") !== "" ? true : null;
  });
  return { rig, before, ...client };
}

/** Nothing of the run is left within `seconds`, and the next one passes. */
async function recovers(host: LabHost, { rig, before }: Pick<Running, "rig" | "before">, seconds: number) {
  await nothingLeft(host, before, seconds);
  rig.write({ slow: "no\n" });
  const next = await rig.pikaci("run", "-q");
  assert.is(next.code, 0, next.stderr);
  await nothingLeft(host, before, 5);
}

interface Killed {
  readonly victim: (process: HostProcess) => boolean;
  readonly all?: boolean;
  readonly check: (rig: Rig, ended: Ended) => void;
}

const lost =
  (...says: (string | RegExp)[]) =>
  (rig: Rig, ended: Ended) =>
    void checkEnd(rig, ended, { code: 3, kind: "infra", says, hint: /run the command again/ });

/** The guard lived and told the verdict itself: log and artifacts are there. */
const told = (status: "infra" | "failed", message: string | RegExp) => (rig: Rig, ended: Ended) => {
  const record = rig.record();
  const code = status === "infra" ? 3 : 1;
  assert.equal(
    [ended.code, record.state, record.status, record.exit_code],
    [code, "finished", status, code],
    ended.stderr,
  );
  const { result, artifacts } = jobOf(record, "x");
  assert.is(result?.status, status);
  if (typeof message === "string") assert.is(result?.message, message);
  else assert.match(result?.message ?? "", message);
  assert.match(ended.stderr, message);
  assert.match(ended.stderr, /look further: pikaci logs \S+ --job x/);
  assert.equal(
    artifacts.map(({ path }) => path),
    ["part"],
  );
  assert.match(rig.jobFile("x", "guest.log"), /^begun/);
};

const program = /^sh -c eval "\$\(head -c (\d+)\)"$/;
const isProgram = ({ args }: HostProcess, session: boolean) => {
  const length = program.exec(args)?.[1];
  return length !== undefined && (length === String(LOADER.length)) === session;
};

const victims: Readonly<Record<string, Killed>> = {
  "the guard": {
    victim: (process) => isProgram(process, false),
    check: (rig, ended) => {
      lost(/the program `guard` was killed on ssh:/)(rig, ended);
      const { result, artifacts } = jobOf(rig.record(), "x");
      assert.is(result?.message, "host: the guard of this job was killed");
      assert.equal(
        artifacts.map(({ path }) => path),
        ["part"],
      );
    },
  },
  "the session": {
    victim: (process) => isProgram(process, true),
    check: lost(/the session on ssh:\S+ ended while the run went on/),
  },
  "the connection's sshd": {
    victim: ({ args }) => /^sshd(-session)?: \w+(@notty| \[)/.test(args),
    all: true,
    check: lost(/the connection to ssh:\S+ was lost/),
  },
  "the namespace's owner": {
    victim: ({ args }) => args.startsWith("unshare "),
    check: told("infra", /host: the guest was killed/),
  },
  "the runner": {
    victim: ({ args }) => args.endsWith("/lib/jail host"),
    check: told("infra", /host: the guest was killed/),
  },
  bubblewrap: {
    victim: ({ args }) => args.startsWith("bwrap "),
    check: told("infra", "host: bubblewrap was killed"),
  },
  // As when memory runs out in the guest: a verdict about the job.
  "all of the sandbox but its watcher": {
    victim: ({ args }) => args === "sleep 600" || args.startsWith("/bin/sh /run/pikaci/command"),
    all: true,
    check: told("failed", "ended by signal KILL (exit 137)"),
  },
};

for (const kind of ["single", "multi"] as const) {
  const dealt = dealTests(test, kind);
  for (const [who, { victim, all = false, check }] of Object.entries(victims)) {
    dealt(`${kind}: kill -9 of ${who} is never a pass, and leaves nothing`, async (context) => {
      const host = context.lab[kind];
      const running = await startJob(context, host);
      const found = (await host.processes()).filter(victim).sort((a, b) => a.pid - b.pid);
      const pids = (all ? found : found.slice(0, 1)).map(({ pid }) => pid);
      assert.ok(pids.length > 0);
      await host.exec(`kill -9 ${pids.join(" ")}`);
      check(running.rig, await running.ended);
      await recovers(host, running, 10);
    });
  }

  dealt(
    `${kind}: the network cut while a job runs: exit 3, the guest ends with the lease`,
    async (context) => {
      const host = context.lab[kind];
      const running = await startJob(context, host);
      const isOver = quietLimit(30);
      await host.cut();
      try {
        lost(/the connection to ssh:\S+ was lost/)(running.rig, await running.ended);
        assert.not(isOver());
        await nothingLeft(host, running.before, 20);
      } finally {
        await host.restore();
      }
      await recovers(host, running, 10);
    },
  );

  dealt(`${kind}: the network cut during the upload: exit 3, and the next run uploads`, async (context) => {
    const host = context.lab[kind];
    const before = await leftNow(host);
    const rig = project(context, host);
    rig.write({ slow: "no\n" });
    writeFileSync(join(rig.dir, "big"), randomBytes(100 << 20));
    await host.delay(40);
    const client = rig.start("run", "-q");
    await eventually("the upload is under way", 60, async () =>
      (await host.processes()).some(({ args }) => /^tar -x/.test(args)) ? true : null,
    );
    const isOver = quietLimit(30);
    await host.cut();
    try {
      lost(/the connection to ssh:\S+ was lost/)(rig, await client.ended);
      assert.not(isOver());
      assert.is(rig.record().snapshot?.outcome, null);
    } finally {
      await host.restore();
      await host.delay(0);
    }
    await recovers(host, { rig, before }, 40);
    assert.is(rig.record().snapshot?.outcome, "uploaded");
  });

  dealt(
    `${kind}: a client that is stopped past its lease: the guest is gone, and it says so when it goes on`,
    async (context) => {
      const host = context.lab[kind];
      const running = await startJob(context, host);
      running.child.kill("SIGSTOP");
      await nothingLeft(host, new Set([...running.before, ...(await clientSide(host))]), 15);
      running.child.kill("SIGCONT");
      lost("nothing was heard of the client for 6 s, so the host ended the run")(
        running.rig,
        await running.ended,
      );
      await recovers(host, running, 10);
    },
  );

  dealt(`${kind}: SIGTERM: exit 143, artifacts kept, nothing left`, async (context) => {
    const host = context.lab[kind];
    const running = await startJob(context, host);
    running.child.kill("SIGTERM");
    const ended = await running.ended;
    checkCancelled(running.rig, ended, 143);
    assert.equal(
      jobOf(running.rig.record(), "x").artifacts.map(({ path }) => path),
      ["part"],
    );
    await recovers(host, running, 5);
  });

  dealt(`${kind}: Ctrl-C twice leaves at once, and the host ends the guest`, async (context) => {
    const host = context.lab[kind];
    const running = await startJob(context, host);
    running.child.kill("SIGINT");
    const isOver = quietLimit(1.5);
    await new Promise((done) => setTimeout(done, 50));
    running.child.kill("SIGINT");
    const ended = await running.ended;
    assert.is(ended.code, 130, ended.stderr);
    assert.not(isOver());
    await nothingLeft(host, running.before, 10);
    assert.match((await running.rig.pikaci("list")).stdout, "■ cancelled");
    const { state, status, error } = running.rig.record();
    assert.equal([state, status, error?.kind], ["finished", "cancelled", "cancelled"]);
    await recovers(host, running, 5);
  });

  test(`${kind}: its store and its snapshots are whole`, ({ lab }) => verifyHost(lab[kind]));
}

/** What a client that is stopped still has, here and as the other end of its connection. */
async function clientSide(host: LabHost): Promise<string[]> {
  return [...(await leftNow(host))].filter((line) => line.startsWith("client "));
}

function checkCancelled(rig: Rig, { code, stderr }: Ended, expected: number): void {
  const { state, status, exit_code, error } = rig.record();
  assert.equal(
    [code, state, status, exit_code, error?.kind],
    [expected, "finished", "cancelled", expected, "cancelled"],
    stderr,
  );
  assert.is(jobOf(rig.record(), "x").result?.status, "cancelled");
}

test.run();

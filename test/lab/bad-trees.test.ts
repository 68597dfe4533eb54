// needs: lab
// time-limit: 600
// exhaustive: each test on both kinds of hosts
import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readdirSync, symlinkSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { hashPath } from "../../src/nix/hash-path.ts";
import { dealTests } from "../exhaustive.ts";
import { makeContext, makeExecutable, writeFiles } from "../workspace.ts";
import { checkEnd, type ErrorEnd } from "./ended.ts";
import type { LabHost } from "./lab.ts";
import { type LabContext, labSuite, openProject } from "./lab-suite.ts";
import { leftNow, nothingLeft } from "./leftovers.ts";
import type { Rig } from "./rig.ts";
import { toolFlake } from "./shared-output.ts";
import { verifyHost } from "./verify.ts";

const test = labSuite("lab/bad-trees");

function project(context: LabContext, host: LabHost, config: object): Rig {
  const rig = openProject(context);
  rig.configure({ host: "there", hosts: { there: { url: host.url, lease: "6s" } }, ...config });
  return rig;
}

function withTools(rig: Rig, flake: string): Rig {
  rig.write({ "flake.nix": flake });
  mkdirSync(join(rig.dir, "tools"));
  copyFileSync("/bin/busybox", join(rig.dir, "tools/busybox"));
  return rig;
}

/** One character a byte. */
const hostileNames = [
  ...["two words", " lead", "trail ", "it's", '"double"', "$(touch pwned)", "`id`", "back\\slash", "a;b&c|d"],
  ...["-rf", "--help", "-", "*", "?", "~", "#c", "new\nline", "\n", "\ttab\r", "\x01\x1b[31m", "raw\xff\xfe"],
  ...["\xc3\xbcn\xc3\xaf", "dir -d\n/in\xff/deep $(id)", "n".repeat(255), ".hidden", "...", "%s%n", "{a,b}"],
];
const hostileLinks = {
  dangling: "/nowhere/at all\n",
  "link\n\xff": "target\n\xff $(id)",
  "out of the tree": "../../../etc/passwd",
  absolute: "/etc/passwd",
  loop: "loop",
  "to a directory": "tools",
};
const bytes = (text: string) => Buffer.from(text, "latin1");

function writeHostile(rig: Rig): void {
  writeFiles(rig.dir, Object.fromEntries(hostileNames.map((name, n) => [name, `content of ${n}\0\r\n`])));
  writeFiles(rig.dir, { "run me\n.sh": "#!/bin/sh\n" });
  makeExecutable(rig.dir, "run me\n.sh");
  for (const [name, target] of Object.entries(hostileLinks))
    symlinkSync(bytes(target), Buffer.concat([Buffer.from(`${rig.dir}/`), bytes(name)]));
}

const contentHash = async (directory: string) =>
  (await hashPath(directory, makeContext())).hashed.contentHash;

interface Refused extends ErrorEnd {
  readonly spoil: (dir: string) => Promise<() => void>;
}

const made =
  (program: string, ...args: string[]) =>
  async (dir: string) => {
    execFileSync(program, [join(dir, "odd\nthing"), ...args]);
    return () => {};
  };

async function listenIn(dir: string): Promise<() => void> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(join(dir, "odd\nthing"), done));
  return () => void server.close();
}

const refusal = {
  code: 5,
  kind: "snapshot",
  says: ["odd\\x0athing"],
  hint: "remove it, have git ignore it, or leave it out with `snapshot.exclude`",
} as const;

const refused: Readonly<Record<string, Refused>> = {
  "a socket": { ...refusal, spoil: listenIn },
  "a device": { ...refusal, spoil: made("mknod", "c", "1", "3") },
  "a FIFO": { ...refusal, spoil: made("mkfifo") },
};

/** Files of two trees whose paths and contents are the same bytes when they are only written one after the other. */
const colliding: readonly Readonly<Record<string, string>>[] = [
  { "d/ab": "c" },
  { "d/a": "bc" },
  { "d/x": "", "d/y": "" },
  { "d/x\nd/y": "" },
];

interface BadFlake extends ErrorEnd {
  readonly flake: string;
  readonly prepare?: string | object;
}

const failing = toolFlake(
  "i=0; while [ $i -lt 40 ]; do echo compiling $i; i=$((i+1)); done; echo main.c:3: expected a brace >&2; exit 3; ",
);
const brokenFlakes: Readonly<Record<string, BadFlake>> = {
  "an attribute that does not exist": {
    flake: toolFlake(),
    prepare: ".#tolo",
    ...{ code: 2, kind: "config" },
    says: ["the flake has no such output", "packages.x86_64-linux.tolo"],
    hint: "`nix flake show` lists its outputs",
  },
  "an incomplete flake.lock": {
    flake: toolFlake().replace(
      "outputs = { self }",
      'inputs.dep = { url = "path:/nowhere"; flake = false; }; outputs = { self, dep }',
    ),
    ...{ code: 2, kind: "config" },
    says: ["`flake.lock` is incomplete"],
    hint: "run `nix flake lock` in the flake's directory and `git add flake.lock`",
  },
  "a flake that does not parse": {
    flake: "{ outputs = { self }: {",
    ...{ code: 3, kind: "infra" },
    says: ["syntax error"],
    hint: "Nix's own output",
  },
  "a directory without a flake": {
    flake: toolFlake(),
    prepare: "tools#tool",
    ...{ code: 2, kind: "config" },
    says: ["a job needs an output of tools/flake.nix, which is not in the snapshot"],
    hint: "`git add tools/flake.nix`",
  },
  "a client path that is not there": {
    flake: toolFlake(),
    prepare: { path: "node_modules" },
    ...{ code: 5, kind: "snapshot" },
    says: ["node_modules", "does not exist"],
    hint: "run `npm ci`",
  },
};

/** None where no test has published anything yet. */
const namesIn = (directory: string) => (existsSync(directory) ? readdirSync(directory) : []);

for (const kind of ["single", "multi"] as const) {
  const dealt = dealTests(test, kind);
  dealt(
    `${kind}: hostile names, symlinks and bytes reach the job as they are, and come back`,
    async (context) => {
      const host = context.lab[kind];
      const rig = withTools(
        project(context, host, {
          jobs: {
            x: {
              command:
                "cp -a . /artifacts/tree && cat \"$(printf 'raw\\377\\376')\" && sh /prepared/tool/bin/tool",
              prepare: { tool: ".#tool" },
            },
            writable: { command: "rm -rf -- * && ls -A | wc -l", workspace: "private" },
          },
        }),
        toolFlake(),
      );
      rig.write({ file: "here\n" });
      writeHostile(rig);
      const before = await leftNow(host);
      const ended = await rig.pikaci("run", "-q");
      assert.is(ended.code, 0, ended.stderr);
      const { run_id, snapshot, jobs } = rig.record();
      const artifacts = join(rig.dir, ".pikaci/runs", run_id, "jobs/x/artifacts/tree");
      assert.is(await contentHash(artifacts), snapshot?.content_hash);
      const names = readdirSync(artifacts, { encoding: "latin1" });
      assert.equal(
        [...hostileNames, ...Object.keys(hostileLinks)].filter(
          (name) => !names.includes(name.split("/", 1)[0] ?? ""),
        ),
        [],
      );
      assert.is(jobs[0]?.artifacts_left_out.length, 0);
      assert.match(rig.jobFile("x", "guest.log"), /^content of \d+\0\r\ntool of here$/m);
      assert.not(existsSync(join(rig.dir, "pwned")));
      const again = await rig.pikaci("run");
      assert.is(again.code, 0, again.stderr);
      assert.match(again.stderr, "nothing was uploaded, evaluated or built");
      await nothingLeft(host, before, 5);
    },
  );

  for (const [what, { spoil, ...end }] of Object.entries(refused)) {
    dealt(
      `${kind}: ${what} in the tree: exit 5, nothing sent; left out by a rule, it runs`,
      async (context) => {
        const host = context.lab[kind];
        const rig = project(context, host, { jobs: { x: { command: "ls -A" } } });
        const before = await leftNow(host);
        const snapshots = join(host.rootDir, host.homeDir, ".local/state/pikaci/snapshots");
        const published = namesIn(snapshots);
        const undo = await spoil(rig.dir);
        try {
          const record = checkEnd(rig, await rig.pikaci("run", "-q"), end);
          assert.is(record.snapshot, null);
          assert.equal(namesIn(snapshots), published);
          rig.write({ ".gitignore": "odd*\n" });
          assert.is((await rig.pikaci("run", "-q")).code, 0);
          assert.not.match(rig.jobFile("x", "guest.log"), "odd");
        } finally {
          undo();
        }
        await nothingLeft(host, before, 5);
      },
    );
  }

  dealt(
    `${kind}: trees that collide without length prefixes have different hashes, and each runs right`,
    async (context) => {
      const host = context.lab[kind];
      const hashes = new Set<string>();
      for (const files of colliding) {
        const rig = project(context, host, { jobs: { x: { command: "cp -a d /artifacts/d" } } });
        writeFiles(rig.dir, files);
        const ended = await rig.pikaci("run", "-q");
        assert.is(ended.code, 0, ended.stderr);
        const { run_id, snapshot } = rig.record();
        hashes.add(snapshot?.content_hash ?? "");
        const seen = join(rig.dir, ".pikaci/runs", run_id, "jobs/x/artifacts/d");
        assert.is(await contentHash(seen), await contentHash(join(rig.dir, "d")));
      }
      assert.is(hashes.size, colliding.length);
    },
  );

  dealt(`${kind}: a build that fails: exit 1 with the builder's words, nothing left`, async (context) => {
    const host = context.lab[kind];
    const rig = project(context, host, { jobs: { x: { command: "true", prepare: { tool: ".#tool" } } } });
    withTools(rig, failing);
    const before = await leftNow(host);
    const ended = await rig.pikaci("run", "-q");
    assert.is(ended.code, 1, ended.stderr);
    const { status, error, jobs } = rig.record();
    assert.equal([status, error, jobs[0]?.result?.status], ["failed", null, "failed"]);
    const words = /tool was not built: .*main\.c:3: expected a brace/;
    assert.match(jobs[0]?.result?.message ?? "", words);
    assert.match(ended.stderr, words);
    const log = await rig.pikaci("logs", "--job", "x");
    assert.match(log.stdout, /compiling 39\n.*main\.c:3: expected a brace/);
    assert.not(existsSync(join(rig.dir, "flake.lock")));
    await nothingLeft(host, before, 5);
  });

  for (const [what, { flake, prepare = ".#tool", ...end }] of Object.entries(brokenFlakes)) {
    dealt(`${kind}: ${what}: exit ${end.code}, nothing left`, async (context) => {
      const host = context.lab[kind];
      const rig = project(context, host, { jobs: { x: { command: "true", prepare: { tool: prepare } } } });
      withTools(rig, flake);
      const before = await leftNow(host);
      const record = checkEnd(rig, await rig.pikaci("run", "-q"), end);
      assert.is(record.jobs[0]?.result?.status, "infra");
      assert.not(existsSync(join(rig.dir, "flake.lock")));
      await nothingLeft(host, before, 5);
    });
  }

  test(`${kind}: its store and its snapshots are whole`, ({ lab }) => verifyHost(lab[kind]));
}

test.run();

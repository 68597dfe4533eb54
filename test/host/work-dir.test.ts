// needs: nix
// time-limit: 120
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { InfraError } from "../../src/core/errors.ts";
import { parseRunId } from "../../src/core/ids.ts";
import { itemsOnHost, removeOnHost } from "../../src/operations/gc/host-items.ts";
import { connect } from "../../src/remote/connect.ts";
import { type HostSession, openSession, type Questions } from "../../src/remote/session.ts";
import { hostSpec } from "../publish/publish-rig.ts";
import { makeContext, makeDirectory, rejection, removeWorkspaces, writeFiles } from "../workspace.ts";

const test = suite("a work dir is pikaci's, or is not touched");
test.after(removeWorkspaces);

const MARKER = "pikaci-work-dir";
const RUN = "20260101T000000Z-0123abcd";
const HASH = "a".repeat(64);
const OLD = ["snapshots", "runs", "locks", "tmp"];

interface Asked {
  readonly env?: Readonly<Record<string, string>>;
  readonly run?: string;
  readonly adopt?: boolean;
  readonly use?: (session: HostSession) => Promise<void>;
}

/** Opens a session and closes it; gives its warnings. */
async function visit(workDir: string | null, { env = {}, run = RUN, adopt, use }: Asked = {}) {
  const context = makeContext({ HOME: makeDirectory(), ...env });
  const connection = await connect(hostSpec("local", workDir), context);
  const asked = { projectId: "p", contentHash: null, runners: [], backends: [] };
  const questions: Questions = { ...asked, runId: parseRunId(run), ...(adopt ? { adopt } : {}) };
  try {
    await use?.(await openSession(connection, questions, context));
    if (use === undefined) await openSession(connection, questions, context);
  } finally {
    await connection.close();
  }
  return context.events.flatMap((event) => (event.type === "warning" ? [event.message] : []));
}

async function refused(workDir: string | null, asked: Asked = {}): Promise<InfraError> {
  const error = await rejection(visit(workDir, asked));
  if (!(error instanceof InfraError)) throw error;
  return error;
}

/** Files by path, all two days old with their directories, as no sweep leaves them that may take them. */
function makeOld(root: string, ...paths: string[]): void {
  writeFiles(root, Object.fromEntries(paths.map((path) => [`${path}/precious`, "mine"])));
  const time = new Date(Date.now() - 2 * 86_400_000);
  for (const path of paths) utimesSync(join(root, path), time, time);
}

const isMarked = (workDir: string) =>
  lstatSync(join(workDir, MARKER), { throwIfNoEntry: false })?.isFile() ?? false;

test("a person's directory is named, and everything in it stays", async () => {
  const workDir = makeDirectory();
  makeOld(workDir, "tmp/letters", `runs/${RUN.replace("2026", "2025")}`, "marathon");
  const error = await refused(workDir);
  assert.is(error.where, "host");
  assert.match(error.message, `the work dir ${workDir} is not empty and lacks the file ${MARKER}`);
  assert.match(error.hint ?? "", "an empty or a new directory as `workDir`");
  assert.match(error.hint ?? "", "`pikaci doctor --adopt --on host`");
  assert.equal(readdirSync(workDir).sort(), ["marathon", "runs", "tmp"]);
  assert.is(readdirSync(join(workDir, "runs")).length, 1);
  assert.ok(existsSync(join(workDir, "tmp/letters/precious")));
});

test("one that is new, empty, or holds what mkfs makes, is marked and used again", async () => {
  const [empty, mounted] = [makeDirectory(), makeDirectory()];
  mkdirSync(join(mounted, "lost+found"));
  for (const workDir of [join(empty, "a", "new\n one"), empty.concat("-other"), mounted]) {
    assert.equal(await visit(workDir), []);
    assert.ok(isMarked(workDir));
    assert.equal(await visit(workDir), []);
  }
  rmSync(empty.concat("-other"), { recursive: true });
});

test("a file of the name of what mkfs makes is somebody's", async () => {
  const workDir = makeDirectory();
  writeFileSync(join(workDir, "lost+found"), "");
  assert.match((await refused(workDir)).message, "is not empty");
});

const markers: Readonly<Record<string, (path: string) => void>> = {
  "a link to one": (path) => {
    const real = join(makeDirectory(), MARKER);
    writeFileSync(real, "");
    symlinkSync(real, path);
  },
  "a link to nothing": (path) => symlinkSync("nothing", path),
  "a directory": (path) => mkdirSync(path),
  ...(process.getuid?.() === 0
    ? {
        "another account's": (path: string) => {
          writeFileSync(path, "");
          chownSync(path, 65534, 65534);
        },
      }
    : {}),
};

for (const [what, make] of Object.entries(markers))
  test(`a marker that is ${what} is none, whatever is asked for`, async () => {
    for (const adopt of [false, true]) {
      const workDir = makeDirectory();
      make(join(workDir, MARKER));
      for (const name of adopt ? OLD : []) mkdirSync(join(workDir, name));
      const { message } = await refused(workDir, { adopt });
      assert.match(message, `${MARKER} is not a file of this account`);
      assert.equal(readdirSync(workDir).sort(), [MARKER, ...(adopt ? OLD : [])].sort());
    }
  });

/** The default place of an account, as an older pikaci left it. */
function olderDefault(names: readonly string[] = OLD): { HOME: string; workDir: string } {
  const HOME = makeDirectory();
  const workDir = join(HOME, ".local/state/pikaci");
  mkdirSync(workDir, { recursive: true });
  for (const name of names) mkdirSync(join(workDir, name));
  chmodSync(workDir, 0o700);
  return { HOME, workDir };
}

test("the default place of an older pikaci is taken once, and that is said", async () => {
  const { HOME, workDir } = olderDefault([...OLD, "cache", "lost+found"]);
  const [warning, ...others] = await visit(null, { env: { HOME } });
  assert.match(warning ?? "", `the work dir ${workDir} on local was made by an older pikaci`);
  assert.equal(others, []);
  assert.equal(await visit(null, { env: { HOME } }), []);
});

const doubts: Readonly<Record<string, (workDir: string) => void>> = {
  "is open to others": (workDir) => chmodSync(workDir, 0o755),
  "holds something else": (workDir) => writeFileSync(join(workDir, "notes"), ""),
  "holds something with a name like several": (workDir) => mkdirSync(join(workDir, "cache tmp")),
  "holds a name over two lines": (workDir) => mkdirSync(join(workDir, "cache\nruns")),
  "lacks what pikaci makes first": (workDir) => rmSync(join(workDir, "locks"), { recursive: true }),
  "has a link for a directory": (workDir) => {
    rmSync(join(workDir, "tmp"), { recursive: true });
    symlinkSync("/tmp", join(workDir, "tmp"));
  },
};

for (const [what, change] of Object.entries(doubts))
  test(`a default place that ${what} is not taken unasked`, async () => {
    const { HOME, workDir } = olderDefault();
    change(workDir);
    const { message } = await refused(null, { env: { HOME } });
    assert.match(message, `the work dir ${workDir} is not empty and lacks`);
    assert.not(isMarked(workDir));
  });

test("another place of an older pikaci is taken when that is asked for, and only one with its layout", async () => {
  const { workDir } = olderDefault([...OLD, "something else"]);
  assert.match((await refused(workDir)).message, "lacks the file");
  assert.match((await visit(workDir, { adopt: true })).join(), "is marked as pikaci's now");
  assert.equal(await visit(workDir, { adopt: true }), []);
  const home = makeDirectory();
  makeOld(home, "tmp/letters", "runs/marathon");
  assert.match((await refused(home, { adopt: true })).message, "is not laid out as pikaci's");
  assert.equal(readdirSync(home).sort(), ["runs", "tmp"]);
});

test("a sweep takes what pikaci makes, by name, and nothing else", async () => {
  const workDir = makeDirectory();
  await visit(workDir);
  const staged = [`tmp/snapshots-${HASH}.0a1B2c3D`, "tmp/prepare.0a1B2c3D", `tmp/partial-${HASH}-0123abcd`];
  const run = "runs/20250101T000000Z-0123abcd";
  const foreign = [
    "tmp/letters",
    "tmp/prepare.txt",
    "tmp/snapshots-mine.0a1B2c3D",
    "runs/marathon",
    "locks/run-down",
  ];
  makeOld(workDir, ...staged, run, ...foreign, "runs/a b/jobs/x");
  writeFileSync(join(workDir, "runs/a b/jobs/x/kept"), "1\n");
  await visit(workDir, { use: async ({ facts }) => assert.is(facts.swept, 4) });
  for (const path of [...staged, run]) assert.not(existsSync(join(workDir, path)), path);
  for (const path of [...foreign, "runs/a b/jobs/x"])
    assert.ok(existsSync(join(workDir, path, "precious")), path);
  assert.ok(existsSync(join(workDir, "runs/a b/jobs/x/kept")));
});

test("a collection neither lists nor removes what has no name of pikaci's", async () => {
  const workDir = makeDirectory();
  await visit(workDir);
  makeOld(
    workDir,
    "snapshots/mine",
    "cache/p@deps@sandbox",
    "cache/mine",
    "prepared/mine",
    `runners/${HASH}x`,
  );
  await visit(workDir, {
    use: async (session) => {
      const items = await itemsOnHost(session, makeContext());
      assert.equal(
        items.map(({ kind, name }) => `${kind}/${name}`),
        ["cache/p@deps@sandbox"],
      );
      const [item] = items;
      if (item === undefined) throw new Error("nothing was listed");
      const error = await rejection(removeOnHost([{ ...item, name: "mine" }], session, makeContext()));
      assert.match(
        error instanceof InfraError ? error.message : "",
        "not a thing of the work dir: cache/mine",
      );
    },
  });
  for (const path of ["snapshots/mine", "cache/mine", "prepared/mine", `runners/${HASH}x`])
    assert.ok(existsSync(join(workDir, path, "precious")), path);
});

test("a collection below an unmarked directory ends before it begins", async () => {
  const workDir = makeDirectory();
  await visit(workDir, {
    use: async (session) => {
      rmSync(join(workDir, MARKER));
      const error = await rejection(itemsOnHost(session, makeContext()));
      assert.match(error instanceof InfraError ? error.message : "", "has no marker of pikaci's");
    },
  });
});

/** Looks into the directory late, so that another first run comes in between. */
function slowFind(): { readonly PATH: string } {
  const bin = makeDirectory();
  writeFileSync(join(bin, "find"), '#!/bin/sh\nsleep 1\nexec /usr/bin/find "$@"\n', { mode: 0o755 });
  return { PATH: `${bin}:${process.env.PATH}` };
}

const firsts: Readonly<Record<string, () => { HOME: string; workDir: string }>> = {
  "a new directory": () => olderDefault([]),
  "an older pikaci's": () => olderDefault(),
};

for (const [what, make] of Object.entries(firsts))
  test(`first runs at once, in ${what}: all go on, one marker`, async () => {
    const { HOME, workDir } = make();
    const ids = Array.from({ length: 6 }, (_, n) => `20260101T000000Z-0123abc${n}`);
    const slow = slowFind();
    await Promise.all(ids.map((run, n) => visit(null, { run, env: { HOME, ...(n % 2 === 0 ? slow : {}) } })));
    assert.ok(isMarked(workDir));
    assert.equal(
      readdirSync(workDir).filter((name) => name.startsWith("pikaci")),
      [MARKER],
    );
  });

test.run();

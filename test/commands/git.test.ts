// needs: nix
// time-limit: 600
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { openRig, type Rig } from "../lab/rig.ts";

const test = suite<{ rig: Rig }>("git in a guest");

const git = "git -c user.name=t -c user.email=t@example.org -c init.defaultBranch=main";
const SECRET = "a password that was committed once";

test.before.each((context) => {
  const rig = openRig({ PIKACI_NO_CACHE: "" });
  context.rig = rig;
  rig.write({ ".gitignore": ".pikaci\n", "src/a": "one\n", "src/b": "two\n", secret: SECRET });
  configure(rig, {});
  rig.shell(`${git} symbolic-ref HEAD refs/heads/main
    ${git} add -A && ${git} commit -q -m 'first: <b>' && ${git} tag -a -m one v1.0
    ${git} rm -q secret && ${git} commit -q -m second && ${git} update-index --refresh`);
});
test.after.each(({ rig }) => rig.remove());

/** What a job with `git: true` says of its repository, one part a file. */
const ask = `set -e
cd /workspace
git describe --dirty >/artifacts/describe
git status --porcelain >/artifacts/status
git diff --diff-filter=d >/artifacts/diff
git cat-file --batch-all-objects --batch-check >/artifacts/objects
git rev-parse HEAD "$(echo v1.0)" >/artifacts/ids
! touch .git/x 2>/artifacts/touch
echo "$GIT_OPTIONAL_LOCKS $(stat -c %Y .git/index)" >/artifacts/index
git log --format=%s >/artifacts/log`;

function configure(rig: Rig, more: object): void {
  rig.configure({
    hosts: { local: { url: "local", workDir: join(rig.dir, ".pikaci/work") } },
    jobs: {
      sees: { command: ask, git: true },
      plain: { command: "[ ! -e .git ]" },
      own: {
        command:
          "echo more >>src/b && git diff --stat >/artifacts/diff && git stash -q && git status --porcelain",
        workspace: "private",
        git: true,
      },
      ...more,
    },
    targets: { all: { jobs: ["sees", "plain", "own"] } },
    defaultTarget: "all",
  });
}

const said = (rig: Rig, job: string) => (name: string) => rig.jobFile(job, `artifacts/${name}`);
const here = (rig: Rig, command: string) => {
  rig.shell(`${command} >.pikaci/said`);
  return readFileSync(join(rig.dir, ".pikaci/said"), "utf8");
};

function snapshots(rig: Rig): string[] {
  return readdirSync(join(rig.dir, ".pikaci/work/snapshots"));
}

test("describe, status and diff are those of the workspace; what was deleted is not there", async ({
  rig,
}) => {
  const clean = await rig.pikaci("run");
  assert.is(clean.code, 0, clean.stderr);
  const sees = said(rig, "sees");
  assert.match(sees("describe"), /^v1\.0-1-g[0-9a-f]{7}\n$/);
  assert.is(sees("status"), "");
  assert.is(sees("diff"), "");
  assert.is(sees("ids"), here(rig, "git rev-parse HEAD v1.0"));
  assert.is(sees("index"), "0 315619201\n");
  assert.is(sees("log"), "second\nfirst: <b>\n");
  assert.match(sees("touch"), /Read-only/);
  const secret = here(rig, `printf %s '${SECRET}' | git hash-object --stdin`).trim();
  assert.not(sees("objects").includes(secret));
  assert.match(said(rig, "own")("diff"), /src\/b \| 1 \+/);
  assert.is(snapshots(rig).length, 2);
  const { snapshot } = rig.record();
  assert.is(snapshot?.source.git_subject, "second");
  assert.ok(snapshots(rig).includes(snapshot?.git?.content_hash ?? ""));
  const list = await rig.pikaci("list");
  assert.match(list.stdout, / {2}main [0-9a-f]{12} "second"\n/);

  rig.write({ "src/a": "ONE\n", "new file": "" });
  const dirty = await rig.pikaci("run", "--job", "sees");
  assert.is(dirty.code, 0, dirty.stderr);
  const now = said(rig, "sees");
  assert.match(now("describe"), /-dirty\n$/);
  assert.is(now("status"), here(rig, "git status --porcelain"));
  assert.is(now("diff"), here(rig, "git diff"));
  const verified = await rig.pikaci("publish", "--verify");
  assert.is(verified.code, 0, verified.stderr);
});

test("HEAD, its branch and its tags are part of the key, of jobs that see them", async ({ rig }) => {
  configure(rig, {});
  const verdicts = async () => {
    const { code, stderr } = await rig.pikaci("run");
    assert.is(code, 0, stderr);
    return Object.fromEntries(rig.record().jobs.map(({ job, result }) => [job, result?.status]));
  };
  const [cached, passed] = ["cached", "passed"];
  assert.equal(await verdicts(), { sees: passed, plain: passed, own: passed });
  assert.equal(await verdicts(), { sees: cached, plain: cached, own: cached });
  for (const change of ["tag v1.1", "checkout -q -b other", "commit -q --allow-empty -m third"]) {
    rig.shell(`${git} ${change}`);
    const why = await rig.pikaci("why", "sees");
    assert.match(why.stdout, /: git/);
    assert.equal(await verdicts(), { sees: passed, plain: cached, own: passed }, change);
  }
});

test("a rerun and a shell see what the run saw, whatever the workspace is by now", async ({ rig }) => {
  const run = await rig.pikaci("run");
  assert.is(run.code, 0, run.stderr);
  const { run_id, snapshot } = rig.record();
  const head = here(rig, "git rev-parse HEAD");
  rig.shell(`${git} commit -q --allow-empty -m third`);
  const again = await rig.pikaci("rerun", run_id);
  assert.is(again.code, 0, again.stderr);
  assert.is(said(rig, "sees")("ids").split("\n")[0], head.trim());
  assert.equal(rig.record().snapshot?.git, snapshot?.git);
  assert.is((await rig.pikaci("pin", run_id)).code, 0);
  const pinned = readFileSync(join(rig.dir, ".pikaci/work/runs", run_id, "pin"), "utf8").split("\n");
  assert.equal(pinned, [
    `snapshots/${snapshot?.content_hash}`,
    `snapshots/${snapshot?.git?.content_hash}`,
    "",
  ]);
  rmSync(join(rig.memory), { recursive: true });
  const forgotten = await rig.pikaci("shell", "sees", "--", "git", "log", "-1", "--format=%s");
  assert.is(forgotten.stdout, "third\n", forgotten.stderr);
});

test("the tree with its repository comes from the run's host where this machine has forgotten it", async ({
  rig,
}) => {
  const run = await rig.pikaci("run");
  assert.is(run.code, 0, run.stderr);
  const { run_id, snapshot } = rig.record();
  rmSync(join(rig.memory, "manifests"), { recursive: true });
  const again = await rig.pikaci("rerun", run_id);
  assert.is(again.code, 0, again.stderr);
  assert.equal(rig.record().snapshot?.git, snapshot?.git);
});

test("without a commit, and of a stranger's tree, it is refused by name", async ({ rig }) => {
  const outside = `${rig.dir}-outside.json`;
  rig.shell(`cp pikaci.config.json ${outside}; ${git} checkout -q --orphan empty`);
  const snapshots = join(rig.dir, ".pikaci/work/snapshots");
  const published = () => (existsSync(snapshots) ? readdirSync(snapshots) : []);
  const before = published();
  const unborn = await rig.pikaci("run");
  assert.is(unborn.code, 5, unborn.stderr);
  assert.match(unborn.stderr, /`git: true`, and HEAD has no commit yet/);
  const stranger = await rig.pikaci("run", "--untrusted", "--config", outside, "--job", "sees");
  rmSync(outside);
  assert.is(stranger.code, 2, stranger.stderr);
  assert.match(stranger.stderr, /jobs\.sees\.git: a tree can name any repository/);
  assert.equal(published(), before, "nothing was published");
});

test.run();

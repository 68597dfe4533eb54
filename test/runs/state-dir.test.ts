// What may come with a stranger's tree is refused before anything in `.pikaci` is read or written.
import { chownSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { SnapshotRefused } from "../../src/core/errors.ts";
import { openStateDir } from "../../src/runs/state-dir.ts";
import { git, makeContext, makeDirectory, rejection, removeWorkspaces, writeFiles } from "../workspace.ts";

test.after(removeWorkspaces);

const RUN = "20260102T030405Z-0a1b2c3d";

async function refusal(workspace: string): Promise<SnapshotRefused> {
  const error = await rejection(openStateDir(workspace, makeContext({ HOME: workspace })));
  if (!(error instanceof SnapshotRefused)) throw error;
  assert.is(error.exitCode, 5);
  return error;
}

const opened = (workspace: string) => openStateDir(workspace, makeContext({ HOME: workspace }));

test("what is not there yet, and what pikaci makes itself, is taken", async () => {
  const workspace = makeDirectory();
  assert.is(await opened(workspace), join(workspace, ".pikaci"));
  git(workspace, "init", "-q");
  writeFiles(workspace, { [`.pikaci/runs/${RUN}/jobs/unit/artifacts/report.xml`]: "", "a.txt": "" });
  writeFileSync(join(workspace, ".pikaci/.gitignore"), "*\n");
  git(workspace, "add", ".");
  assert.is(await opened(workspace), join(workspace, ".pikaci"));
});

for (const name of [".pikaci/cache/verdicts/x.json", ".PiKaCi/runs/x", ".pikaci/a\nb", ".pikaci"])
  test(`git tracks ${JSON.stringify(name)}`, async () => {
    const workspace = makeDirectory();
    git(workspace, "init", "-q");
    writeFiles(workspace, { [name]: "{}" });
    git(workspace, "add", "-f", ".");
    const error = await refusal(workspace);
    assert.match(error.message, `git tracks ${JSON.stringify(name)}`);
    assert.is(error.hint?.includes(`git rm -r ${name.split("/")[0]}`), true);
    rmSync(join(workspace, name), { recursive: true });
    assert.match((await refusal(workspace)).message, "git tracks");
  });

test("git tracks something in it, of a workspace that is a part of the repository", async () => {
  const repository = makeDirectory();
  git(repository, "init", "-q");
  writeFiles(repository, { "app/.pikaci/cache/clock": "" });
  git(repository, "add", "-f", ".");
  assert.match((await refusal(join(repository, "app"))).message, 'git tracks ".pikaci/cache/clock"');
  assert.is(await opened(repository), join(repository, ".pikaci"));
});

test("a repository that git refuses is not taken for one without `.pikaci`", async () => {
  const workspace = makeDirectory();
  git(workspace, "init", "-q");
  writeFileSync(join(workspace, ".git/config"), "[core\n");
  assert.match((await refusal(workspace)).message, "git");
});

test("a `.git` that is no repository tracks nothing", async () => {
  const workspace = makeDirectory();
  mkdirSync(join(workspace, ".git"));
  assert.is(await opened(workspace), join(workspace, ".pikaci"));
});

const own = [
  ".pikaci",
  ".pikaci/runs",
  `.pikaci/runs/${RUN}`,
  `.pikaci/runs/${RUN}/jobs`,
  `.pikaci/runs/${RUN}/jobs/unit`,
  `.pikaci/runs/${RUN}/jobs/unit/artifacts`,
];

for (const path of own) {
  test(`${path} is a symlink`, async () => {
    const workspace = makeDirectory();
    const elsewhere = makeDirectory();
    mkdirSync(dirname(join(workspace, path)), { recursive: true });
    symlinkSync(elsewhere, join(workspace, path));
    assert.match((await refusal(workspace)).message, `${path} is a symlink`);
    assert.equal(readdirSync(elsewhere), []);
  });

  test(`${path} is a file`, async () => {
    const workspace = makeDirectory();
    writeFiles(workspace, { [path]: "" });
    assert.match((await refusal(workspace)).message, `${path} is no directory`);
  });
}

test("a link that leads nowhere is one, too", async () => {
  const workspace = makeDirectory();
  symlinkSync("nothing", join(workspace, ".pikaci"));
  assert.match((await refusal(workspace)).message, "is a symlink");
});

test("links in artifacts, roots, and what is no run are not pikaci's directories", async () => {
  const workspace = makeDirectory();
  const artifacts = `.pikaci/runs/${RUN}/jobs/unit/artifacts`;
  writeFiles(workspace, { [`${artifacts}/a`]: "", [`.pikaci/runs/${RUN}/prepared/x`]: "" });
  symlinkSync("/", join(workspace, artifacts, "root"));
  symlinkSync("/nix/store", join(workspace, `.pikaci/runs/${RUN}/prepared/out`));
  symlinkSync(RUN, join(workspace, ".pikaci/runs/newest"));
  assert.is(await opened(workspace), join(workspace, ".pikaci"));
});

if (process.getuid?.() === 0)
  test("another account owns it", async () => {
    const workspace = makeDirectory();
    mkdirSync(join(workspace, ".pikaci"));
    chownSync(join(workspace, ".pikaci"), 65534, 65534);
    assert.match((await refusal(workspace)).message, "belongs to another account (65534; this one is 0)");
  });

test.run();

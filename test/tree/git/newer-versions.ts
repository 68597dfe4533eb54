import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { SnapshotRefused } from "../../../src/core/errors.ts";
import { hash } from "../../../src/tree/hash.ts";
import { snapshot } from "../../../src/tree/snapshot.ts";
import { KINDS } from "../../lab/kind.ts";
import type { HostKind } from "../../lab/lab.ts";
import { cachedRoot } from "../../lab/root.ts";
import { makeContext, makeDirectory, removeWorkspaces, writeFiles } from "../../workspace.ts";

/** Git of newer Debian suites, as the client's. */
const scratch = mkdtempSync(join(tmpdir(), "pikaci-git-"));
test.after(() => {
  rmSync(scratch, { recursive: true });
  removeWorkspaces();
});

const filters = { include: [], exclude: [], allow: [] };

/** The environment in which `git` is the one of a lab's root file system. */
async function gitOf(kind: HostKind): Promise<NodeJS.ProcessEnv> {
  const root = await cachedRoot(KINDS[kind].suite);
  const bin = join(scratch, kind);
  mkdirSync(bin);
  const loader = `${root}/usr/lib64/ld-linux-x86-64.so.2 --argv0 git --library-path ${root}/usr/lib/x86_64-linux-gnu`;
  const exec = `GIT_EXEC_PATH=${root}/usr/lib/git-core exec ${loader} ${root}/usr/bin/git "$@"`;
  writeFileSync(join(bin, "git"), `#!/bin/sh\n${exec}\n`);
  chmodSync(join(bin, "git"), 0o755);
  return { ...process.env, PATH: `${bin}:${process.env.PATH}` };
}

/** `git init` words of repositories that only a newer git makes. */
const FORMS = {
  files: [],
  reftable: ["--ref-format=reftable"],
  "SHA-256": ["--object-format=sha256"],
};

/** `git commit` starts another git, which would miss the loader. */
const settings = ["user.name=t", "user.email=t@example.org", "maintenance.auto=false"].flatMap((word) => [
  "-c",
  word,
]);

for (const kind of ["single", "multi"] satisfies HostKind[])
  for (const [form, words] of Object.entries(FORMS))
    test(`a repository (${form}) of ${kind}'s git: the same snapshot, commit and branch`, async () => {
      const env = await gitOf(kind);
      const root = makeDirectory();
      const git = (...args: string[]) =>
        execFileSync("git", ["-C", root, ...settings, ...args], {
          env,
          encoding: "utf8",
        }).trim();
      try {
        git("init", "-q", "-b", "work", ...words);
        writeFiles(root, { a: "1", "dir/b": "2", ".gitignore": "ignored\n", ignored: "3" });
        git("add", "-A");
        git("commit", "-qm", "first");
        writeFiles(root, { new: "4", a: "changed" });
        const context = { ...makeContext(), env, stateDir: join(root, ".pikaci") };
        const hashed = await hash(await snapshot({ workspace: root, filters }, context), context);
        assert.equal(
          hashed.entries.map(({ path }) => path),
          [".gitignore", "a", "dir/b", "new"],
        );
        const { git_head, git_dirty, git_branch, git_subject } = hashed.snapshot.source;
        assert.equal(
          [git_head, git_dirty, git_branch, git_subject],
          [git("rev-parse", "HEAD"), true, "work", "first"],
        );
      } finally {
        rmSync(join(scratch, kind), { recursive: true });
      }
    });

test("a repository that is too new for the client's git is refused in git's words", async () => {
  const env = await gitOf("multi");
  const root = makeDirectory();
  execFileSync("git", ["init", "-q", "--ref-format=reftable", root], { env });
  const context = { ...makeContext(), stateDir: join(root, ".pikaci") };
  await snapshot({ workspace: root, filters }, context).then(
    () => assert.unreachable("was taken"),
    (error: unknown) => {
      assert.instance(error, SnapshotRefused);
      assert.match(String(error), /refstorage/i);
    },
  );
});

test.run();

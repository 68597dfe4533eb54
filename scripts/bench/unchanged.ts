import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { compared, medians, timed } from "./median.ts";
import { peakMemory } from "./peak-memory.ts";
import { change, type TreeShape } from "./trees.ts";

/** Of 100,000 files: times `git status`, the start of Node included. Other trees are too small to say anything. */
const AIMS = { "nothing changed": "1.5", "one file changed": "1.8" } as const;

/** Snapshots of a tree of which all or all but one file is known, beside `git status` and the least that Node could do. */
export async function benchUnchanged(
  shape: TreeShape,
  root: string,
  { cli, home, rounds }: { readonly cli: string; readonly home: string; readonly rounds: number },
): Promise<object[]> {
  const floors = writeFloors(home, root);
  const snapshot = [process.execPath, cli, "snapshot", "-C", root];
  for (let round = 0; round < 3; round += 1) {
    // Until whole seconds tell every change, so that nothing is looked at twice.
    sleep(2500);
    timed(snapshot);
  }
  const rows: object[] = [];
  for (const [what, aim] of Object.entries(AIMS)) {
    const isChanged = what !== "nothing changed";
    const times = medians(
      {
        "git status": () =>
          timed(["git", "--no-optional-locks", "status", "--untracked-files=all"], { cwd: root }),
        "node -e 0": () => timed([process.execPath, "-e", "0"]),
        "floor: ls-files, lstat in 2 threads": () => timed([process.execPath, floors.threads]),
        "floor: git compares": () => timed([process.execPath, floors.git]),
        pikaci: () => {
          if (isChanged) change(root, shape, "one file");
          return timed(snapshot);
        },
      },
      rounds,
    );
    if (isChanged) change(root, shape, "one file");
    const MB = await peakMemory(snapshot);
    rows.push({
      tree: shape.name,
      case: what,
      ...compared(times, "pikaci", "git status"),
      aim,
      MB,
      "aim MB": 150,
    });
  }
  return rows;
}

interface Floors {
  readonly threads: string;
  readonly git: string;
}

/** The least that a program in Node can do for each file, written to `home`: ask git for the names and `lstat` each, or have git compare. */
function writeFloors(home: string, root: string): Floors {
  const repository = join(home, "floor.git");
  for (const part of ["objects", "refs"]) mkdirSync(join(repository, part), { recursive: true });
  const [threads, git] = [join(home, "threads.mjs"), join(home, "git.mjs")];
  writeFileSync(join(repository, "HEAD"), "ref: refs/heads/none\n");
  copyFileSync(join(root, ".git/index"), join(repository, "index"));
  writeFileSync(threads, `const root = ${JSON.stringify(root)};\n${THREADS}`);
  const places = `const [root, repository] = ${JSON.stringify([root, repository])};\n`;
  writeFileSync(git, places + GIT);
  return { threads, git };
}

const THREADS = `import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { lstatSync } from "node:fs";
import { Worker, isMainThread, workerData } from "node:worker_threads";

const CHUNK = 500;
if (isMainThread) {
  const progress = new Int32Array(new SharedArrayBuffer(4));
  const worker = new Worker(new URL(import.meta.url), { workerData: progress });
  const ended = once(worker, "exit");
  const output = execFileSync("git", ["ls-files", "-z"], { cwd: root, maxBuffer: 1e9 });
  const names = Buffer.from(new SharedArrayBuffer(output.length));
  output.copy(names);
  worker.postMessage(names.buffer);
  look(names, progress);
  await ended;
} else {
  const { parentPort } = await import("node:worker_threads");
  const [buffer] = await once(parentPort, "message");
  look(Buffer.from(buffer), workerData);
  parentPort.close();
}

function look(names, progress) {
  let [number, start, mine] = [0, 0, Atomics.add(progress, 0, CHUNK)];
  for (let end = names.indexOf(0); end >= 0; start = end + 1, end = names.indexOf(0, start), number += 1) {
    if (number === mine + CHUNK) mine = Atomics.add(progress, 0, CHUNK);
    if (number < mine) continue;
    lstatSync(root + "/" + names.toString("latin1", start, end), { throwIfNoEntry: false, bigint: true });
  }
}
`;

const GIT = `import { spawnSync } from "node:child_process";

const env = { ...process.env, GIT_DIR: repository, GIT_WORK_TREE: root };
spawnSync("git", ["diff-files", "-z", "--name-only"], { cwd: root, env });
`;

function sleep(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}

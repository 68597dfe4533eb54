import { execFileSync } from "node:child_process";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { git, makeDirectory, removeWorkspaces } from "../../workspace.ts";
import { guestOf } from "./guest.ts";

const test = suite("a history for a guest");
test.after(removeWorkspaces);

/** Numbers below `limit`, the same each time for a seed. */
function numbers(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 8) % limit;
  };
}

interface Commit {
  readonly parents: readonly number[];
  readonly tags?: readonly string[];
}

/** Commits by their place in the list, the last of them HEAD; a tag that begins with `a` is annotated. */
function repository(commits: readonly Commit[]): string {
  const root = makeDirectory();
  git(root, "init", "-q");
  const who = (at: number) => `committer t <t@example.org> ${1_600_000_000 + at * 60} +0000`;
  const words = commits.flatMap(({ parents, tags = [] }, at) => {
    const [first, ...others] = parents.map((parent) => `:${parent + 1}`);
    const commit = [
      `commit refs/heads/c${at}`,
      `mark :${at + 1}`,
      who(at),
      "data 1",
      "x",
      ...(first === undefined ? [] : [`from ${first}`]),
      ...others.map((other) => `merge ${other}`),
      "",
    ];
    return [...commit, ...tags.flatMap((tag) => tagged(tag, at, who(at)))];
  });
  execFileSync("git", ["fast-import", "--quiet"], { cwd: root, input: `${words.join("\n")}\n` });
  git(root, "symbolic-ref", "HEAD", `refs/heads/c${commits.length - 1}`);
  return root;
}

function tagged(tag: string, at: number, who: string): string[] {
  if (!tag.startsWith("a")) return [`reset refs/tags/${tag}`, `from :${at + 1}`, ""];
  return [`tag ${tag}`, `from :${at + 1}`, who.replace("committer", "tagger"), "data 1", "x"];
}

const questions = [
  ["--always"],
  ["--tags", "--long"],
  ["--long"],
  ["--tags", "--long", "--match", "*[0-9]*"],
];

async function same(root: string): Promise<string[]> {
  const guest = await guestOf(root);
  const answer = (ask: (...args: string[]) => string) =>
    questions.map((words) => {
      try {
        return ask("describe", "--abbrev=12", ...words);
      } catch {
        return "no name";
      }
    });
  const [here, there] = [answer((...args) => git(root, ...args)), answer((...args) => guest.git(...args))];
  assert.equal(there, here);
  return guest.git("rev-list", "HEAD").split("\n").slice(0, -1);
}

const cases: readonly (readonly [what: string, commits: readonly Commit[], count: number])[] = [
  ["a tag at HEAD", [{ parents: [] }, { parents: [0], tags: ["a1"] }], 1],
  [
    "commits since a tag",
    [{ parents: [] }, { parents: [0], tags: ["a1"] }, { parents: [1] }, { parents: [2] }],
    3,
  ],
  ["no tag", [{ parents: [] }, { parents: [0] }, { parents: [1] }], 3],
  [
    "a branch from before the tag, merged after it",
    [
      { parents: [] },
      { parents: [0] },
      { parents: [1] },
      { parents: [2], tags: ["a1"] },
      { parents: [1] },
      { parents: [3, 4] },
    ],
    5,
  ],
  [
    "an annotated tag below one that is not, and one without a number",
    [
      { parents: [] },
      { parents: [0], tags: ["a1"] },
      { parents: [1], tags: ["x1"] },
      { parents: [2], tags: ["latest"] },
      { parents: [3] },
    ],
    4,
  ],
  ["two roots", [{ parents: [], tags: ["a1"] }, { parents: [] }, { parents: [0, 1] }], 3],
];

for (const [what, commits, count] of cases)
  test(what, async () => {
    assert.is((await same(repository(commits))).length, count);
  });

test("histories of all shapes: git describes them as it does the whole ones", async () => {
  const random = numbers(7);
  for (let round = 0; round < 12; round += 1) {
    const commits = Array.from({ length: 40 }, (_, at): Commit => {
      const near = () => Math.max(0, at - 1 - random(random(4) === 0 ? 20 : 3));
      const parents = at === 0 ? [] : [...new Set(random(3) === 0 ? [near(), near()] : [near()])];
      const tag =
        random(8) === 0
          ? [`${random(2) === 0 ? "a" : "x"}${random(3) === 0 ? "" : at}-${"n".repeat(at)}`]
          : [];
      return { parents, tags: tag };
    });
    await same(repository(commits));
  }
});

test.run();

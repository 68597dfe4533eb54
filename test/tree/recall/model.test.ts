// time-limit: 300
// exhaustive: ten times as many random trees

import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { samples } from "../../exhaustive.ts";
import { git, removeWorkspaces, writeFiles } from "../../workspace.ts";
import { applyEdit, type Edit, editArbitrary } from "../tree-edits.ts";
import { checked, repository, settle } from "./rig.ts";

const test = suite("a recalled tree and a listed one");
test.after(removeWorkspaces);

type Step =
  | { readonly kind: "edit"; readonly edit: Edit }
  | { readonly kind: "git"; readonly words: readonly string[] }
  | { readonly kind: "ignore"; readonly path: string; readonly rules: string };

/** Mostly what changes a content and no name, since only then there is something to recall. */
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant("edit" as const),
      edit: fc.record({ kind: fc.constantFrom("rewrite" as const, "mode" as const), nth: fc.nat(1000) }),
    }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("edit" as const), edit: editArbitrary }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("git" as const),
      words: fc.constantFrom(
        ["add", "-A"],
        ["status"],
        ["commit", "-q", "--allow-empty", "-am", "more"],
        ["stash", "-q"],
        ["reset", "-q", "--hard"],
        ["rm", "-q", "-r", "--cached", "--ignore-unmatch", "a"],
      ),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("ignore" as const),
      path: fc.constantFrom(".gitignore", ".git/info/exclude", "dir/.gitignore"),
      rules: fc.constantFrom("", "a\n", "b/\n", "/b0\n!a\n", "*\n"),
    }),
  },
);

function apply(root: string, one: Step): void {
  switch (one.kind) {
    case "edit":
      applyEdit(`${root}/dir`, one.edit);
      return;
    case "git":
      git(root, ...one.words);
      return;
    case "ignore":
      writeFiles(root, { [one.path]: one.rules });
  }
}

test("random edits, rules and commits: the same, byte by byte", async () => {
  const counts = { recalled: 0, listed: 0 };
  const steps = fc.array(fc.tuple(step, fc.boolean()), { minLength: 6, maxLength: 14 });
  await fc.assert(
    fc.asyncProperty(steps, async (list) => {
      const place = repository({ "dir/a": "1", "dir/b/a": "2", "dir/b/b0": "3", "dir/-": "4", top: "5" });
      for (const [one, waits] of list) {
        apply(place.root, one);
        if (waits) await settle();
        const { recalled } = await checked(place);
        counts[recalled ? "recalled" : "listed"] += 1;
      }
    }),
    { numRuns: samples(6) },
  );
  assert.ok(counts.recalled > 3 && counts.listed > 3, JSON.stringify(counts));
});

test.run();

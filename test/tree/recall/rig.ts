import { chmodSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import * as assert from "uvu/assert";
import type { Context } from "../../../src/core/context.ts";
import type { PikaciEvent } from "../../../src/core/events.ts";
import type { HashedSnapshot, SnapshotFilters } from "../../../src/core/snapshot.ts";
import { hash } from "../../../src/tree/hash.ts";
import { snapshot } from "../../../src/tree/snapshot.ts";
import { git, makeContext, makeDirectory, rejection, writeFiles } from "../../workspace.ts";

const everything: SnapshotFilters = { include: [], exclude: [] };

type TestContext = Context & { readonly events: PikaciEvent[] };

/** A workspace, and an account that remembers it; git is the real one behind a script that counts. */
export interface Place {
  readonly root: string;
  readonly context: TestContext;
  readonly filters: SnapshotFilters;
  /** A file with a line for each git that was started: its words. */
  readonly calls: string;
  /** A script that is run before a git whose words contain `diff-files`; nothing when it is not there. */
  readonly meanwhile: string;
}

/** Longer than `isSettled` waits for the clock's tick. */
export const settle = () => sleep(80);

/** Longer than whole seconds need to tell every change. */
export const settleBySecond = () => sleep(2200);

/** A committed repository, in which nothing was snapshot yet. */
export function repository(
  files: Readonly<Record<string, string>>,
  settings: readonly string[] = [],
  filters: SnapshotFilters = everything,
): Place {
  const root = makeDirectory();
  git(root, "init", "-q");
  for (const setting of settings) git(root, "config", ...setting.split("="));
  writeFiles(root, files);
  git(root, "add", "-A");
  git(root, "commit", "-q", "--allow-empty", "-m", "first");
  return placeAt(root, filters);
}

export function placeAt(root: string, filters: SnapshotFilters = everything): Place {
  const own = makeDirectory();
  const [calls, meanwhile, home] = [join(own, "calls"), join(own, "meanwhile"), join(own, "home")];
  const script = `#!/bin/sh
printf '%s\\n' "$*" >>'${calls}'
case "$*" in *diff-files*) [ ! -e '${meanwhile}' ] || sh '${meanwhile}' ;; esac
PATH="\${PATH#*:}" exec git "$@"
`;
  writeFileSync(join(own, "git"), script);
  chmodSync(join(own, "git"), 0o755);
  const context = makeContext({ PATH: `${own}:${process.env.PATH}`, HOME: home });
  return { root, context, filters, calls, meanwhile };
}

export async function take({ root, filters }: Place, context: Context): Promise<HashedSnapshot> {
  return hash(await snapshot({ workspace: root, filters }, context), context);
}

/** The words of each git that was started meanwhile. */
export async function gitCalls({ calls }: Place, action: () => Promise<unknown>): Promise<string[]> {
  rmSync(calls, { force: true });
  await action();
  return existsSync(calls) ? readFileSync(calls, "utf8").split("\n").slice(0, -1) : [];
}

export interface Checked {
  readonly hashed: HashedSnapshot;
  /** Whether the tree was recalled, and not listed. */
  readonly recalled: boolean;
  /** How many times git was started. */
  readonly calls: number;
}

/** Takes the tree with what is remembered, after which it must be what an account finds that remembers nothing. */
export async function checked(place: Place): Promise<Checked> {
  const taken: HashedSnapshot[] = [];
  const calls = await gitCalls(place, async () => taken.push(await take(place, place.context)));
  const [hashed] = taken;
  if (hashed === undefined) throw new Error("nothing was taken");
  assert.equal(described(hashed), described(await take(place, elsewhere(place))));
  return { hashed, recalled: !calls.some((words) => words.includes("--cached")), calls: calls.length };
}

/** The tree is refused, with what is remembered and without, in the same words. */
export async function bothRefuse(place: Place): Promise<string> {
  const messages = [
    String(await rejection(take(place, place.context))),
    String(await rejection(take(place, elsewhere(place)))),
  ];
  assert.is(messages[0], messages[1]);
  return messages[0] ?? "";
}

function elsewhere({ context }: Place): Context {
  const { HOME, PATH } = context.env;
  return makeContext({ HOME, PATH });
}

function described(hashed: HashedSnapshot): object {
  const { entries, manifest, contentHash, fileCount, byteCount, snapshot } = hashed;
  return {
    ...{ contentHash, fileCount, byteCount, entries },
    manifest: manifest.toString("latin1"),
    source: snapshot.source,
    leftOut: snapshot.leftOut,
    // A hashed entry says all of the snapshot's entry.
    listed: snapshot.entries.map(({ path, type, size, stat }) => [path, type, size, stat]),
    ...{ workspace: snapshot.workspace, keepModes: snapshot.keepModes, allow: snapshot.allow },
  };
}

/** Takes the tree until it is remembered whole; fails when it is not. */
export async function remembered(place: Place): Promise<Place> {
  for (let round = 0; round < 2; round += 1) {
    await settle();
    await take(place, place.context);
  }
  assert.ok((await checked(place)).recalled, "the tree is recalled");
  return place;
}

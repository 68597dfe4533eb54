import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Context, Memory } from "../src/core/context.ts";
import type { PikaciEvent } from "../src/core/events.ts";

const made: string[] = [];

/** A fresh directory; `removeWorkspaces` removes them all. */
export function makeDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), "pikaci-test-"));
  made.push(directory);
  return directory;
}

export function removeWorkspaces(): void {
  for (const directory of made.splice(0)) rmSync(directory, { recursive: true, force: true });
}

/** Where nothing is until something is written there; `removeWorkspaces` removes it then. */
function placeOf(name: string): string {
  const place = join(tmpdir(), name);
  made.push(place);
  return place;
}

/** Writes files by relative path, parents included; a name may be bytes with one latin1 character each. */
export function writeFiles(root: string, files: Readonly<Record<string, string>>): void {
  for (const [path, content] of Object.entries(files)) {
    const file = Buffer.concat([Buffer.from(`${root}/`), Buffer.from(path, "latin1")]);
    mkdirSync(Buffer.from(dirname(file.toString("latin1")), "latin1"), { recursive: true });
    writeFileSync(file, content);
  }
}

export function makeExecutable(root: string, path: string): void {
  chmodSync(join(root, path), 0o755);
}

/** Real git with no configuration but its own; gives its stdout. */
export function git(root: string, ...args: string[]): string {
  const identity = [
    "-c",
    "user.name=t",
    "-c",
    "user.email=t@example.org",
    "-c",
    "protocol.file.allow=always",
  ];
  return execFileSync("git", [...identity, "-c", "init.defaultBranch=main", ...args], {
    cwd: root,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
    env: { PATH: process.env.PATH, GIT_CONFIG_NOSYSTEM: "1", GIT_CONFIG_GLOBAL: "/dev/null", HOME: root },
  });
}

/** What an account remembers of a workspace: nothing yet. */
export function makeMemory(directory: string = makeDirectory()): Memory {
  mkdirSync(directory, { recursive: true });
  return { directory, workspaceId: "0".repeat(64), key: Buffer.alloc(32, 1) };
}

/** A context that records its events, with a state directory of its own; the environment has PATH and an empty HOME. */
export function makeContext(
  env: Readonly<Record<string, string | undefined>> = {},
  signal: AbortSignal = new AbortController().signal,
): Context & { readonly events: PikaciEvent[] } {
  const events: PikaciEvent[] = [];
  const workspace = placeOf(`pikaci-test-${randomUUID()}`);
  return {
    events,
    emit: (event) => void events.push(event),
    signal,
    clock: () => new Date(),
    author: "trusted",
    env: { PATH: process.env.PATH, HOME: "/nonexistent", ...env },
    workspace,
    stateDir: join(workspace, ".pikaci"),
    memory: makeMemory(),
  };
}

/** The error that a promise ends with; fails when it does not. */
export async function rejection(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error("the promise was expected to be rejected");
}

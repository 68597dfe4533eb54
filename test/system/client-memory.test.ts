import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { childWords } from "../../scripts/suites/children.ts";
import { InfraError, UsageError } from "../../src/core/errors.ts";
import { blake3Hex } from "../../src/system/blake3.ts";
import { openKey } from "../../src/system/client-key.ts";
import { openMemory } from "../../src/system/client-memory.ts";
import { makeDirectory, removeWorkspaces } from "../workspace.ts";

const test = suite("what an account remembers");
test.after(removeWorkspaces);

const modeOf = (path: string) => lstatSync(path).mode & 0o7777;
const messages = (warnings: readonly InfraError[]) => warnings.map(({ message }) => message).join("\n");

function error(action: () => unknown): Error {
  try {
    action();
  } catch (thrown) {
    if (thrown instanceof Error) return thrown;
  }
  throw new Error("nothing was thrown");
}

test("it lies in the cache of the account, by the workspace's real path, and is nobody else's", () => {
  const [workspace, HOME, other] = [makeDirectory(), makeDirectory(), makeDirectory()];
  const id = blake3Hex(Buffer.from(workspace));
  const { memory, warnings } = openMemory(workspace, { HOME });
  assert.equal([memory.directory, memory.workspaceId], [join(HOME, ".cache/pikaci", id), id]);
  assert.equal(warnings, []);
  for (const path of [".cache/pikaci", `.cache/pikaci/${id}`, ".local/state/pikaci-client"])
    assert.is(modeOf(join(HOME, path)), 0o700, path);
  assert.is(modeOf(join(HOME, ".local/state/pikaci-client/verdict-key")), 0o600);
  symlinkSync(workspace, join(other, "link"));
  assert.equal(openMemory(join(other, "link"), { HOME }).memory, memory);
});

test("absolute XDG directories count, relative ones do not", () => {
  const [workspace, HOME, xdg] = [makeDirectory(), makeDirectory(), makeDirectory()];
  const absolute = { HOME, XDG_CACHE_HOME: join(xdg, "cache"), XDG_STATE_HOME: join(xdg, "state") };
  assert.ok(openMemory(workspace, absolute).memory.directory?.startsWith(join(xdg, "cache/pikaci/")));
  assert.equal(readdirSync(join(xdg, "state/pikaci-client")), ["verdict-key"]);
  assert.equal(readdirSync(HOME), []);
  const relative = { HOME, XDG_CACHE_HOME: "cache", XDG_STATE_HOME: "./state" };
  assert.ok(openMemory(workspace, relative).memory.directory?.startsWith(join(HOME, ".cache/pikaci/")));
  assert.ok(existsSync(join(HOME, ".local/state/pikaci-client/verdict-key")));
});

function fileHome(): string {
  const home = makeDirectory();
  for (const name of [".cache", ".local"]) writeFileSync(join(home, name), "");
  return home;
}

const homeless: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "no HOME": {},
  "a relative HOME": { HOME: "home" },
  "a HOME that is not there": { HOME: "/nonexistent/home" },
  "a HOME that cannot be written": { HOME: "/proc" },
  "a HOME with files in the place of directories": { HOME: fileHome() },
  "a cache that cannot be made": {
    HOME: "/proc",
    XDG_CACHE_HOME: "/proc/cache",
    XDG_STATE_HOME: "/proc/state",
  },
};

for (const [what, env] of Object.entries(homeless))
  test(`${what}: nothing is remembered, and that is said`, () => {
    const { memory, warnings } = openMemory(makeDirectory(), env);
    assert.is(memory.directory, null);
    assert.match(messages(warnings), "nothing is remembered of this workspace");
    assert.match(messages(warnings), "no key is kept");
    assert.ok(warnings.every(({ hint }) => hint !== undefined));
    assert.not(memory.key.equals(openMemory(makeDirectory(), env).memory.key));
  });

test("a cache that others could read is closed", () => {
  const [workspace, HOME] = [makeDirectory(), makeDirectory()];
  const { memory } = openMemory(workspace, { HOME });
  chmodSync(memory.directory ?? "", 0o755);
  openMemory(workspace, { HOME });
  assert.is(modeOf(memory.directory ?? ""), 0o700);
});

test("what is a link, or another account's, is not used", () => {
  const [workspace, HOME, elsewhere] = [makeDirectory(), makeDirectory(), makeDirectory()];
  mkdirSync(join(HOME, ".cache"));
  symlinkSync(elsewhere, join(HOME, ".cache/pikaci"));
  assert.is(openMemory(workspace, { HOME }).memory.directory, null);
  assert.equal(readdirSync(elsewhere), []);
  if (process.getuid?.() !== 0) return;
  rmSync(join(HOME, ".cache/pikaci"));
  mkdirSync(join(HOME, ".cache/pikaci"));
  chownSync(join(HOME, ".cache/pikaci"), 65534, 65534);
  const { memory, warnings } = openMemory(workspace, { HOME });
  assert.is(memory.directory, null);
  assert.match(messages(warnings), "is not a directory of this account");
});

test("the key is made once, also when several ask at once", async () => {
  const HOME = makeDirectory();
  const words = [...childWords("test/system/key-opener.ts"), HOME];
  const keys = await Promise.all(
    Array.from({ length: 6 }, async () => {
      const child = spawn(process.execPath, words);
      const [text] = await once(child.stdout, "data");
      return String(text);
    }),
  );
  assert.is(new Set(keys).size, 1);
  assert.match(keys[0] ?? "", /^[0-9a-f]{64}$/);
  assert.equal(readdirSync(join(HOME, ".local/state/pikaci-client")), ["verdict-key"]);
});

test("a key of the environment counts, and one that can be guessed does not", () => {
  const HOME = makeDirectory();
  const given = { HOME, PIKACI_VERDICT_KEY: "k".repeat(32) };
  assert.equal(openKey(given), { key: Buffer.from("k".repeat(32)), warning: null });
  assert.equal(readdirSync(HOME), []);
  const short = error(() => openKey({ HOME, PIKACI_VERDICT_KEY: "secret" }));
  assert.ok(short instanceof UsageError && short.hint?.includes("openssl rand"));
});

const damages: Readonly<Record<string, (path: string) => void>> = {
  "is empty": (path) => writeFileSync(path, ""),
  "was cut": (path) => writeFileSync(path, readFileSync(path).subarray(0, 20)),
  "can be read by others": (path) => chmodSync(path, 0o644),
  "is a directory": (path) => {
    rmSync(path);
    mkdirSync(path);
  },
  "is a link": (path) => {
    rmSync(path);
    symlinkSync("/etc/hostname", path);
  },
};

for (const [what, damage] of Object.entries(damages))
  test(`a key that ${what} is an error that names it, and never used`, () => {
    const HOME = makeDirectory();
    openKey({ HOME });
    const path = join(HOME, ".local/state/pikaci-client/verdict-key");
    damage(path);
    const refused = error(() => openKey({ HOME }));
    assert.ok(refused instanceof InfraError && refused.hint?.includes("remove it"));
    assert.match(refused.message, path);
  });

test.run();

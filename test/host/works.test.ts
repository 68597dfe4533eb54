// needs: nix
// exhaustive: each way in which a memory counts for nothing
import { existsSync, mkdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parseRunId } from "../../src/core/ids.ts";
import { connect } from "../../src/remote/connect.ts";
import type { HostFacts } from "../../src/remote/facts.ts";
import { openSession } from "../../src/remote/session.ts";
import { everyNth } from "../exhaustive.ts";
import { hostSpec } from "../publish/publish-rig.ts";
import { makeContext, makeDirectory, removeWorkspaces } from "../workspace.ts";

const test = suite("what works on a host is remembered, what fails is not");
test.after(removeWorkspaces);

/** A machine whose `nix-instantiate` and `bwrap` are counted when they are called. */
class Machine {
  readonly #bin = makeDirectory();
  readonly #calls = join(makeDirectory(), "calls");
  readonly workDir = makeDirectory();
  readonly remembered = join(this.workDir, "etc/works");

  constructor() {
    for (const name of ["nix-instantiate", "bwrap"]) this.stub(name, "works");
  }

  /** A new program of this name. */
  stub(name: string, how: "works" | "fails"): void {
    const real = `exec env PATH="\${PATH#*:}" ${name} "$@"`;
    const ending = how === "works" ? real : "echo broken >&2; exit 1";
    const file = join(this.#bin, name);
    rmSync(file, { force: true });
    writeFileSync(file, `#!/bin/sh\necho ${name} >>${this.#calls}\n${ending}\n`, { mode: 0o755 });
  }

  /** What a session says, and what it called. */
  async visit(
    asked: { readonly backends?: readonly string[]; readonly anew?: boolean } = {},
  ): Promise<{ readonly facts: HostFacts; readonly called: string }> {
    writeFileSync(this.#calls, "");
    const context = makeContext({ PATH: `${this.#bin}:${process.env.PATH}` });
    const connection = await connect(hostSpec("local", this.workDir), context);
    const { backends = [], anew = false } = asked;
    const runId = parseRunId("20260101T000000Z-0123abcd");
    const questions = { runId, projectId: "p", contentHash: null, runners: [], backends: [] };
    try {
      const { facts } = await openSession(
        connection,
        { ...questions, alternatives: backends, anew },
        context,
      );
      return { facts, called: readFileSync(this.#calls, "utf8").trim().split("\n").sort().join(" ") };
    } finally {
      await connection.close();
    }
  }
}

const sandbox = { backends: ["sandbox"] };

test("a second session asks no program, and says the same", async () => {
  const machine = new Machine();
  const first = await machine.visit(sandbox);
  assert.is(first.called, "bwrap nix-instantiate");
  const second = await machine.visit(sandbox);
  assert.is(second.called, "");
  for (const name of ["nix", "namespaces", "overlay", "bwrap", "gnuTar", "setpriv", "missingTools"] as const)
    assert.equal(second.facts[name], first.facts[name], name);
});

test("what was not asked for is looked at when it is", async () => {
  const machine = new Machine();
  assert.is((await machine.visit()).called, "nix-instantiate");
  assert.is((await machine.visit()).called, "");
  assert.is((await machine.visit(sandbox)).called, "bwrap nix-instantiate");
});

test("`anew` looks at all of it", async () => {
  const machine = new Machine();
  await machine.visit(sandbox);
  assert.is((await machine.visit({ ...sandbox, anew: true })).called, "bwrap nix-instantiate");
});

test("another program of the same name is looked at, and a failure is told each time", async () => {
  const machine = new Machine();
  await machine.visit(sandbox);
  machine.stub("bwrap", "fails");
  for (let visits = 0; visits < 2; visits += 1) {
    const { facts, called } = await machine.visit(sandbox);
    assert.equal(facts.bwrap, { ok: false, said: "broken" });
    assert.is(called, "bwrap nix-instantiate");
  }
  machine.stub("bwrap", "works");
  assert.equal((await machine.visit(sandbox)).facts.bwrap, { ok: true });
});

const stale: Readonly<Record<string, (text: string) => string>> = {
  "of another boot": (text) => text.replace(/^[0-9a-f]{8}-/m, "00000000-"),
  "that is too old": (text) => text.replace(/^\d+/, "1"),
  "from the future": (text) => text.replace(/^\d+/, "999999999999"),
  "without a time": (text) => text.replace(/^\d+/, "-"),
  "whose file of Nix's store is gone": (text) => text.replace("-pikaci-probe", "-pikaci-gone"),
  "cut in the middle": (text) => text.slice(0, text.length / 2),
  "that is empty": () => "",
  "of zeros": (text) => "\0".repeat(text.length),
};

for (const [what, spoil] of everyNth(Object.entries(stale), 4))
  test(`memory ${what} counts for nothing`, async () => {
    const machine = new Machine();
    await machine.visit(sandbox);
    writeFileSync(machine.remembered, spoil(readFileSync(machine.remembered, "utf8")));
    const { facts, called } = await machine.visit(sandbox);
    assert.is(called, "bwrap nix-instantiate");
    assert.equal(facts.bwrap, { ok: true });
  });

test("a directory in its place costs nothing but the memory", async () => {
  const machine = new Machine();
  mkdirSync(machine.remembered, { recursive: true });
  writeFileSync(join(machine.workDir, "pikaci-work-dir"), "");
  for (let visits = 0; visits < 2; visits += 1)
    assert.is((await machine.visit(sandbox)).called, "bwrap nix-instantiate");
});

test("it is swept when no session has used it for a month", async () => {
  const machine = new Machine();
  await machine.visit(sandbox);
  const old = new Date(Date.now() - 40 * 86_400_000);
  utimesSync(machine.remembered, old, old);
  machine.stub("bwrap", "fails");
  await machine.visit(sandbox);
  assert.not.ok(existsSync(machine.remembered));
});

test.run();

// needs: nix
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { openRig } from "../lab/rig.ts";
import { allow, makeKey, OURS } from "../operations/attestation/rig.ts";
import { makeDirectory, removeWorkspaces } from "../workspace.ts";

const test = suite("a run signed here, accepted there");
test.after(removeWorkspaces);

test("CI accepts a developer's run of the same tree, and of no other", async () => {
  const [rig, place] = [openRig({}), makeDirectory()];
  const [key, attestation] = [makeKey(), join(place, "run.json")];
  const signers = allow([`dev@example.org ${OURS}`, key]);
  try {
    rig.write({ source: "one\n", ".gitignore": "pikaci.config.json\n" });
    const jobs = { unit: { command: "cat source >/artifacts/copy" } };
    const hosts = { local: { url: "local", workDir: join(rig.dir, ".pikaci/work") } };
    rig.configure({ project: "app", hosts, jobs });
    const ran = await rig.pikaci("run");
    assert.is(ran.code, 0, ran.stderr);
    const signed = await rig.pikaci("attest", "--key", key, "--out", attestation);
    assert.is(signed.code, 0, signed.stderr);
    assert.is(signed.stdout, "");
    const printed = await rig.pikaci("attest", "--key", key);
    assert.is(printed.stdout, readFileSync(attestation, "utf8"));

    const [base, there] = [join(place, "base"), join(place, "checkout")];
    mkdirSync(base);
    mkdirSync(join(there, ".git"), { recursive: true });
    writeFileSync(join(base, "pikaci.config.json"), JSON.stringify({ project: "app", jobs }));
    for (const name of ["source", ".gitignore"]) cpSync(join(rig.dir, name), join(there, name));
    cpSync(join(rig.dir, ".git"), join(there, ".git"), { recursive: true });
    const words = ["-C", there, "--config", join(base, "pikaci.config.json"), "--allowed-signers", signers];
    const check = (...more: string[]) => rig.pikaci("verify-attestation", attestation, ...words, ...more);
    const accepted = await check("--tree");
    assert.is(accepted.code, 0, accepted.stderr + accepted.stdout);
    assert.match(
      accepted.stdout,
      /^accepted: run \S+ stands for a run of this tree\n {2}signed by dev@example.org/,
    );
    const stranger = await check("--tree", "--untrusted", "--json");
    assert.is(stranger.code, 0, stranger.stderr + stranger.stdout);
    assert.equal(JSON.parse(stranger.stdout).wrong, []);
    const loose = await check();
    assert.is(loose.code, 0, loose.stderr);
    assert.match(loose.stdout, "not checked: whether it is about this tree (--tree) or a run (--run)");

    writeFileSync(join(there, "source"), "two\n");
    const refused = await check("--tree");
    assert.is(refused.code, 4);
    assert.match(refused.stdout, /^refused: run \S+ is not what was asked for\n {2}the content hash is /);
    const inside = join(there, "signers");
    cpSync(signers, inside);
    const own = await rig.pikaci("verify-attestation", attestation, "-C", there, "--allowed-signers", inside);
    assert.is(own.code, 4, own.stderr);
    assert.match(own.stderr, "is of the tree, whose author would say who may sign");

    for (const [more, said] of [
      [["--max-age", "soon", "--tree"], "--max-age: cannot read"],
      [["--job", "unit"], "add `--tree`"],
      [["--tree", "--job", "none"], "unknown job"],
    ] as const) {
      const wrong = await check(...more);
      assert.is(wrong.code, 2, wrong.stderr);
      assert.match(wrong.stderr, said);
    }
    const nobody = await rig.pikaci("verify-attestation", attestation);
    assert.is(nobody.code, 2);
    assert.match(nobody.stderr, "--allowed-signers is missing");
  } finally {
    rig.remove();
  }
});

test.run();

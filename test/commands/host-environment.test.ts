// needs: nix
// time-limit: 240
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { jobOf, openRig, type Rig } from "../lab/rig.ts";

/** What an account's environment can hold that changes what a host's programs do or print. */
const ENVIRONMENT = {
  TAR_OPTIONS: "--exclude=kept --sparse --verbose",
  GREP_OPTIONS: "-v",
  GZIP: "-v",
  XZ_OPT: "-v",
  ZSTD_CLEVEL: "19",
  POSIXLY_CORRECT: "1",
  _POSIX2_VERSION: "199209",
  BLOCK_SIZE: "human-readable",
  BLOCKSIZE: "1M",
  DF_BLOCK_SIZE: "'1",
  DU_BLOCK_SIZE: "'1",
  LS_BLOCK_SIZE: "'1",
  QUOTING_STYLE: "c",
  TIME_STYLE: "full-iso",
  TZ: "Pacific/Auckland",
  CDPATH: ".:/",
  PERL5OPT: "-d",
  PERL5LIB: "/nowhere",
  PERL_UNICODE: "SDA",
};

const test = suite<{ rig: Rig }>("a host whose account has an environment of its own");
test.before.each((context) => {
  context.rig = openRig({ ...ENVIRONMENT, TOKEN: "s3cret-of-this-test" });
});
test.after.each(({ rig }) => rig.remove());

test("logs, secrets, caches, artifacts and what is sent are as without it", async ({ rig }) => {
  rig.write({ kept: "first\n", "dir/kept": "second\n", "odd \n'name": "third\n" });
  const lines = [
    "mkdir -p /artifacts/dir",
    "cp kept /artifacts/kept",
    "cp dir/kept /artifacts/dir/kept",
    "truncate -s 3M /artifacts/holes",
    "cp -n odd* /cache/c/",
    "echo token $TOKEN",
    "printenv TAR_OPTIONS PERL5OPT TZ || echo none",
  ];
  const job = { command: lines.join(" && "), caches: ["c"], secrets: ["TOKEN"] };
  rig.configure({
    hosts: { local: { url: "local", workDir: join(rig.dir, ".pikaci/work") } },
    jobs: { unit: job },
  });
  for (const turn of [1, 2]) {
    rig.write({ kept: `turn ${turn}\n` });
    const { code, stderr } = await rig.pikaci("run", "--no-cache");
    assert.is(code, 0, stderr);
    assert.is(rig.jobFile("unit", "guest.log"), "token ***\nnone\n");
    const artifact = (name: string) => readFileSync(rig.jobPath("unit", `artifacts/${name}`));
    assert.is(artifact("kept").toString(), `turn ${turn}\n`);
    assert.is(artifact("dir/kept").toString(), "second\n");
    assert.is(artifact("holes").length, 3 * 1024 * 1024);
    assert.is(jobOf(rig.record(), "unit").result?.caches?.["c"]?.saved, turn === 1 ? "saved" : "unchanged");
  }
  const doctor = await rig.pikaci("doctor", "--on", "local");
  assert.is(doctor.code, 0, doctor.stdout + doctor.stderr);
  const collected = await rig.pikaci("gc", "--dry-run");
  assert.is(collected.code, 0, collected.stderr);
});

test.run();

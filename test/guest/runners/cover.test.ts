import { spawnSync } from "node:child_process";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { SHELLS } from "../../host/call.ts";

const test = suite("what of /proc no job may write");
const LIBRARY = new URL("../../../nix/runners/cover/tree/lib/cover.sh", import.meta.url).pathname;

function run(shell: string, script: string): string[] {
  const [program = "", ...words] = shell.split(" ");
  const { stdout, stderr } = spawnSync(program, [...words, "-c", `. ${LIBRARY}; ${script}`], {
    encoding: "utf8",
  });
  assert.is(stderr, "");
  return stdout.split("\n").slice(0, -1);
}

for (const shell of SHELLS) {
  test(`${shell}: the kernel's settings are in it, processes are not`, () => {
    const places = run(shell, "kernel_places");
    assert.ok(places.includes("/proc/sys"));
    assert.equal(
      places.filter((place) => /^\/proc\/(\d|self|thread-self|cpuinfo$)/.test(place)),
      [],
    );
  });

  test(`${shell}: processes are not even looked at: one may end meanwhile, which the job's log would tell`, () => {
    const asked = run(shell, `find() { printf '%s\\n' "$@"; }; kernel_places`);
    assert.ok(asked.includes("/proc/sys"));
    assert.equal(
      asked.filter((word) => /^\/proc\/?(\d|$)/.test(word)),
      [],
    );
  });
}

test.run();

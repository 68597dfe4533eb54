import { suite } from "uvu";
import * as assert from "uvu/assert";
import { run } from "../../src/io/exec.ts";

const test = suite("exec run");

test("stdout is the bytes as written, without stderr", async () => {
  const { stdout, stderr, exitCode } = await run(["sh", "-c", "printf 'a\\377\\000b'; echo loud >&2"], {
    env: { PATH: process.env.PATH },
  });
  assert.is(stdout.toString("latin1"), "a\xff\0b");
  assert.is(stderr, "loud\n");
  assert.is(exitCode, 0);
});

test("ten megabytes arrive whole", async () => {
  const { stdout } = await run(["head", "-c", "10000000", "/dev/zero"], { env: { PATH: process.env.PATH } });
  assert.is(stdout.length, 10_000_000);
});

test.run();

import { suite } from "uvu";
import * as assert from "uvu/assert";
import { CancelledError, InfraError } from "../../src/core/errors.ts";
import { capture, run } from "../../src/system/exec.ts";
import { rejection } from "../workspace.ts";

const test = suite("exec");
const env = { PATH: process.env.PATH };

for (const [name, execute] of Object.entries({ run, capture })) {
  test(`${name}: stdout is the bytes as written, without stderr`, async () => {
    const script = "printf 'a\\377\\000b'; echo loud >&2; exit 3";
    const { stdout, stderr, exitCode } = await execute(["sh", "-c", script], { env });
    assert.is(stdout.toString("latin1"), "a\xff\0b");
    assert.is(stderr, "loud\n");
    assert.is(exitCode, 3);
  });

  test(`${name}: ten megabytes arrive whole`, async () => {
    const { stdout } = await execute(["head", "-c", "10000000", "/dev/zero"], { env });
    assert.is(stdout.length, 10_000_000);
  });

  test(`${name}: input goes in, also to a program that does not read it`, async () => {
    const input = Buffer.alloc(1_000_000, "x");
    assert.is((await execute(["wc", "-c"], { env, input })).stdout.toString().trim(), "1000000");
    assert.is((await execute(["true"], { env, input })).exitCode, 0);
  });

  test(`${name}: a signal is 128 and its number`, async () => {
    assert.is((await execute(["sh", "-c", "kill -9 $$"], { env })).exitCode, 137);
  });

  test(`${name}: a missing program is named, with what to do`, async () => {
    const error = await rejection(execute(["no-such-program"], { env }));
    assert.instance(error, InfraError);
    assert.ok(error instanceof InfraError && error.exitCode === 3 && /install/.test(error.hint ?? ""));
    assert.match(String(error), /`no-such-program` is not on this machine's PATH/);
  });

  test(`${name}: the user's wish to stop ends the program`, async () => {
    const controller = new AbortController();
    const ended = execute(["sleep", "60"], { env, signal: controller.signal });
    controller.abort(new CancelledError("SIGINT"));
    assert.instance(await rejection(ended), CancelledError);
  });
}

test.run();

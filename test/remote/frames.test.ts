import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  InfraError,
  MismatchError,
  type PikaciError,
  SnapshotRefused,
  TrustError,
} from "../../src/core/errors.ts";
import type { Frame } from "../../src/remote/connection.ts";
import { FrameDecoder, frameError, MAX_BODY } from "../../src/remote/frames.ts";

const encode = ({ type, body }: Frame) => Buffer.concat([Buffer.from(`${type} ${body.length}\n`), body]);

function decode(chunks: readonly Buffer[]): Frame[] {
  const decoder = new FrameDecoder();
  const frames = chunks.flatMap((chunk) => [...decoder.push(chunk)]);
  decoder.end();
  return frames;
}

function split(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return places.slice(1).map((end, index) => bytes.subarray(places[index], end));
}

const frames = fc.array(
  fc.record(
    {
      type: fc.constantFrom("log", "error-like", "probe", "p"),
      body: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
    },
    { noNullPrototype: true },
  ),
);

test("frames survive any split of the stream", () => {
  fc.assert(
    fc.property(frames, fc.array(fc.nat(10_000)), (sent, cuts) => {
      assert.equal(decode(split(Buffer.concat(sent.map(encode)), cuts)), sent);
    }),
  );
});

test("a stream that is cut anywhere but between frames is an error", () => {
  const bytes = encode({ type: "log", body: Buffer.from("hello") });
  for (let length = 1; length < bytes.length; length += 1) {
    assert.throws(
      () => decode([bytes.subarray(0, length)]),
      (error: unknown) => error instanceof InfraError,
    );
  }
});

function refusal(text: string | Buffer): InfraError {
  try {
    decode([Buffer.from(text)]);
  } catch (error) {
    if (error instanceof InfraError) return error;
    throw error;
  }
  throw new Error(`accepted: ${text}`);
}

test("text of a login shell is named, with the way to silence it", () => {
  for (const text of [
    "Welcome to build-1!\n",
    "log -1\n",
    "log 5x\n",
    "LOG 5\n",
    "log\n",
    "\n",
    "x".repeat(1000),
  ]) {
    const error = refusal(text);
    assert.is(error.where, "host");
    assert.match(error.message, "text that is not pikaci's");
    assert.match(error.hint ?? "", "~/.bashrc");
  }
  assert.match(
    refusal("log 2\nok\x1b[31mmore\n").message,
    /broke off into something else: "\\u001b\[31mmore"/,
  );
});

test("a frame that is too large is refused before its body comes", () => {
  assert.match(refusal(`log ${MAX_BODY + 1}\n`).message, "not pikaci's");
  assert.match(refusal("log 99999999999999999999\n").message, "not pikaci's");
});

test("error frames become errors of their kind", () => {
  const table: [string, new (...args: never[]) => PikaciError, number, string | undefined, string][] = [
    ["host\nno tar", InfraError, 3, "host", "fix it there"],
    ["network\ncut", InfraError, 3, "network", "check the connection"],
    ["disk\nfull\n/dev/x 100%", InfraError, 3, "disk", "free space"],
    ["nix\nfailed", InfraError, 3, "nix", "nix's own output"],
    ["mismatch\na is b", MismatchError, 3, undefined, "--repair"],
    ["trust\nunsigned\nhint: sign it", TrustError, 4, undefined, "sign it"],
    ["snapshot\nrefused\nhint: leave it out", SnapshotRefused, 5, undefined, "leave it out"],
    ["host\nmessage\nhint: do this", InfraError, 3, "host", "do this"],
    ["surprise\nwhat", InfraError, 3, "host", ""],
  ];
  for (const [body, type, exitCode, where, hint] of table) {
    const error = frameError(Buffer.from(body));
    assert.instance(error, type);
    assert.is(error.exitCode, exitCode);
    assert.is(error instanceof InfraError ? error.where : undefined, where);
    assert.match(error.hint ?? "", hint);
    assert.not.match(error.message, "hint:");
  }
  assert.is(frameError(Buffer.from("disk\nfull\nsecond line\n")).message, "full\nsecond line");
});

test("a host's message is shown up to a length that a person can read", () => {
  const long = frameError(Buffer.from(`host\n${"x".repeat(MAX_BODY - 5)}`)).message;
  assert.match(long, /^x{20000}\n… 16757211 more characters$/);
  const unknown = frameError(Buffer.from(`\x1b[2J\n${"x".repeat(MAX_BODY - 5)}`)).message;
  assert.ok(unknown.length < 500 && !unknown.includes("\x1b"), unknown.slice(0, 500));
  assert.is(frameError(Buffer.from(`host\n${"x".repeat(20_000)}`)).message.length, 20_000);
});

test.run();

// time-limit: 60
import { test } from "uvu";
import * as assert from "uvu/assert";
import { CancelledError, InfraError, type PikaciError } from "../../src/core/errors.ts";
import { parseHostUrl } from "../../src/core/ids.ts";
import { ProcessChannel } from "../../src/remote/channel.ts";
import type { Connection, OpenOptions, Params } from "../../src/remote/connection.ts";
import { ask, converse, startProgram } from "../../src/remote/program.ts";
import { encodeParams } from "../../src/remote/program-types.ts";
import { start } from "../../src/system/exec.ts";
import { rejection } from "../workspace.ts";

const never = { signal: new AbortController().signal };
const doctor = { program: "doctor", params: {} } as const;

interface Shell extends Connection {
  readonly opened: { readonly params: Params; readonly options: OpenOptions }[];
  /** The channel's process has ended. */
  ended: boolean;
}

/** A host of which every program is `script`. */
function shell(script: string): Shell {
  const source = {
    label: "the script",
    spawn: () => start(["sh", "-c", script], { env: { PATH: process.env.PATH } }),
    explain: () => null,
    retryAfter: () => null,
    kill: (child: ReturnType<typeof start>) => {
      child.stdin.destroy();
      child.kill("SIGKILL");
    },
  };
  const connection: Shell = {
    host: { name: "local", url: parseHostUrl("local"), workDir: null, leaseMs: 60_000 },
    opened: [],
    ended: false,
    open: async (_, params, options = {}) => {
      connection.opened.push({ params, options });
      const channel = new ProcessChannel(source, Buffer.alloc(0), options);
      void channel.closed.then(() => {
        connection.ended = true;
      });
      return channel;
    },
    isThere: async () => true,
    standBy: () => {},
    nixStore: () => ({ url: "auto", env: {} }),
    close: async () => {},
  };
  return connection;
}

async function infra(promise: Promise<unknown>): Promise<InfraError> {
  const error = await rejection(promise);
  if (error instanceof InfraError) return error;
  throw error;
}

test("parameters become the words that a host program knows", () => {
  const params = { a: true, b: false, c: null, d: 7, e: ["x", "y"], f: [], g: "a b", h: undefined };
  assert.equal(encodeParams(params), { a: "yes", b: "no", c: "", d: "7", e: "x y", f: "", g: "a b" });
});

test("an answer is what comes before `end`", async () => {
  const frames = await ask(shell("printf 'versions 2\\nv1versions 2\\nv2end 0\\n'"), doctor, never);
  assert.equal(
    frames.map(({ type, body }) => `${type}:${body}`),
    ["versions:v1", "versions:v2"],
  );
});

test("a program that ends before `end` has not answered, and what it said on stderr is told", async () => {
  const { where, message } = await infra(
    ask(shell("printf 'versions 2\\nv1'; echo out of cheese >&2"), doctor, never),
  );
  assert.is(where, "host");
  assert.is(message, "the program `doctor` ended without an answer: out of cheese");
});

test("a frame of another program is refused by name, and the program ends", async () => {
  const connection = shell("printf 'probe 0\\n'; exec sleep 60");
  const { where, message } = await infra(ask(connection, doctor, never));
  assert.equal([where, message], ["host", "doctor: the host sent `probe`, which is not expected here"]);
  assert.ok(connection.ended);
});

test("a host's error is thrown as it is", async () => {
  const error: PikaciError = await infra(
    ask(shell("printf 'error 10\\ndisk\\nfull\\n'; exit 1"), doctor, never),
  );
  assert.is(error.message, "full");
});

test("a user who stops ends the program, and the stop is what is thrown", async () => {
  const stop = new AbortController();
  const connection = shell("printf 'versions 0\\n'; exec sleep 60");
  const error = await rejection(
    converse(connection, doctor, stop, async (channel) => {
      for await (const _ of channel.frames()) stop.abort(new CancelledError("SIGINT"));
      return null;
    }),
  );
  assert.instance(error, CancelledError);
  assert.ok(connection.ended);
});

test("a program is not talked to after a stop", async () => {
  const signal = AbortSignal.abort(new CancelledError("SIGINT"));
  const talk = async () => assert.unreachable("it was talked to");
  assert.instance(
    await rejection(converse(shell("exec sleep 60"), doctor, { signal }, talk)),
    CancelledError,
  );
});

test("a talk that fails ends the program first", async () => {
  const connection = shell("exec sleep 60");
  const talk = async () => Promise.reject(new InfraError("disk", "no room"));
  assert.is((await infra(converse(connection, doctor, never, talk))).message, "no room");
  assert.ok(connection.ended);
});

test("only programs that end with their client get a heartbeat", async () => {
  const connection = shell("true");
  await startProgram(connection, doctor);
  await startProgram(connection, { program: "hold", params: { lease_ms: 6000 }, outlives: true });
  assert.equal(
    connection.opened.map(({ params, options }) => [params, options]),
    [
      [{}, { heartbeat: false }],
      [{ lease_ms: "6000" }, { heartbeat: true, outlives: true }],
    ],
  );
});

test.run();

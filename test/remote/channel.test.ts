// time-limit: 60
import { setTimeout as sleep } from "node:timers/promises";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { InfraError, type PikaciError } from "../../src/core/errors.ts";
import {
  documentBytes,
  ProcessChannel,
  type ProcessExit,
  type ProcessSource,
} from "../../src/remote/channel.ts";
import type { Frame, OpenOptions } from "../../src/remote/connection.ts";
import { ending } from "../../src/remote/ending.ts";
import { start } from "../../src/system/exec.ts";
import { rejection } from "../workspace.ts";

/** Shell: the frame `TYPE` with the text of $a. */
const say = (type: string) => `printf "${type} %d\\n%s" "\${#a}" "$a"`;

/** A channel to a real shell that runs `script`. */
function open(
  script: string,
  options: OpenOptions = {},
  source: Partial<ProcessSource> = {},
): ProcessChannel {
  return new ProcessChannel(
    {
      label: "the script",
      spawn: () => start(["sh", "-c", script], { env: { PATH: process.env.PATH } }),
      explain: () => null,
      retryAfter: () => null,
      kill: (child) => {
        child.stdin.destroy();
        child.kill("SIGKILL");
      },
      ...source,
    },
    Buffer.alloc(0),
    options,
  );
}

async function collect(channel: ProcessChannel): Promise<string[]> {
  const seen: string[] = [];
  for await (const { type, body } of channel.frames()) seen.push(`${type}:${body}`);
  return seen;
}

async function infra(promise: Promise<unknown>): Promise<InfraError> {
  const error = await rejection(promise);
  if (error instanceof InfraError) return error;
  throw error;
}

async function nextFrame(channel: ProcessChannel): Promise<Frame> {
  for await (const frame of channel.frames()) return frame;
  throw new Error("no frame");
}

test("the end of the output is seen before the end of the process; what it closes with is its ending", async () => {
  const channel = open(
    `printf "ready 0\\n"; exec >/dev/null; read -r a; exit 4`,
    {},
    {
      explain: () => Promise.resolve(new InfraError("network", "gone")),
    },
  );
  await channel.outputEnded;
  assert.is(await ending(channel.closed, async () => true), "open");
  channel.end();
  const end = await ending(channel.closed, async () => true);
  assert.ok(end instanceof InfraError && end.message === "gone");
  const quiet = open("true");
  await quiet.outputEnded;
  assert.is(await ending(quiet.closed, async () => true), "closed");
});

test("a conversation may go on after its first frame", async () => {
  const channel = open(`printf "ready 0\\n"; read -r a; ${say("echo")}`);
  assert.is((await nextFrame(channel)).type, "ready");
  await channel.write("hello\n");
  assert.equal(await collect(channel), ["echo:hello"]);
  assert.equal(await channel.closed, { exitCode: 0 });
});

test("an error frame is thrown; an end without one names the program and what it said", async () => {
  const failing = open('printf "error 9\\ndisk\\nfull"; exit 1');
  assert.is((await infra(collect(failing))).where, "disk");
  const silent = open("echo broken pipe dream >&2; exit 3");
  const error = await infra(collect(silent));
  assert.match(error.message, "the script ended with 3:\nbroken pipe dream");
  assert.ok(error.hint);
});

test("a cut frame is an error even when the program ends well", async () => {
  assert.match(
    (await infra(collect(open('printf "log 10\\nshort"')))).message,
    "ended, or was killed, in the middle of what it sent (`log`): 5 of 10 bytes are missing",
  );
});

test("stderr is kept to its last 64 KiB and given out by lines", async () => {
  const lines: string[] = [];
  const channel = open("seq 1 20000 >&2; printf last >&2", { onStderr: (line) => lines.push(line) });
  await collect(channel);
  assert.is(lines.length, 20_001);
  assert.is(lines.at(-1), "last");
  assert.is(channel.stderr().length, 65_536);
  assert.match(channel.stderr(), /19999\n20000\nlast$/);
});

test("a slow reader holds the program back", async () => {
  const channel = open(
    'i=0; while [ $i -lt 100 ]; do printf "log 1048576\\n"; head -c 1048576 /dev/zero; i=$((i+1)); done; echo >&2 sent',
  );
  await nextFrame(channel);
  await sleep(500);
  assert.is(channel.stderr(), "");
  assert.ok(process.memoryUsage().arrayBuffers < 30_000_000, `${process.memoryUsage().arrayBuffers}`);
  assert.is((await collect(channel)).length, 99);
});

test("a slow program holds the writer back, and one that is gone does not", async () => {
  const channel = open("sleep 1; cat >/dev/null");
  const began = Date.now();
  await channel.write(Buffer.alloc(10_000_000));
  assert.ok(Date.now() - began > 700);
  channel.end();
  await collect(channel);
  const gone = open("exec <&-; sleep 0.2");
  for (let i = 0; i < 50; i += 1) await gone.write(Buffer.alloc(1_000_000));
  assert.equal(await gone.closed, { exitCode: 0 });
});

test("the heartbeat falls between documents, never into one", async () => {
  const channel = open(`read -r n; head -c "$n" >/dev/null; read -r a; ${say("beat")}`, {
    heartbeat: true,
  });
  await channel.write(documentBytes("x".repeat(500)));
  assert.equal(await collect(channel), ["beat:"]);
});

test("an end that is not the program's is explained", async () => {
  const explain = (exit: ProcessExit): PikaciError | null =>
    exit.code === 255 ? new InfraError("network", `gone: ${exit.answered}`) : null;
  const channel = open('printf "log 0\\n"; exit 255', {}, { explain });
  assert.match((await infra(collect(channel))).message, "gone: true");
  assert.match((await infra(channel.closed)).message, "gone: true");
});

test("a program that was turned away is started again with what was written", async () => {
  let tries = 0;
  const spawn = () => {
    tries += 1;
    const script = tries < 3 ? "echo refused >&2; exit 255" : `read -r a; ${say("got")}`;
    return start(["sh", "-c", script], { env: { PATH: process.env.PATH } });
  };
  const retryAfter = ({ stderr }: ProcessExit) => (stderr.includes("refused") ? 10 : null);
  const channel = open("", {}, { spawn, retryAfter });
  await channel.write("kept\n");
  assert.equal(await collect(channel), ["got:kept"]);
  assert.is(tries, 3);
});

test("kill ends the frames without an error", async () => {
  const channel = open('printf "log 0\\n"; exec sleep 60');
  assert.is((await nextFrame(channel)).type, "log");
  channel.kill();
  assert.equal(await collect(channel), []);
  assert.is((await channel.closed).exitCode, 255);
});

test("a program that cannot be started is an error, not a crash", async () => {
  const spawn = () => start(["/nonexistent/program"], { env: {} });
  const explain = ({ code, stderr }: ProcessExit) =>
    code === null || code < 0 ? new InfraError("client", stderr) : null;
  assert.match((await infra(collect(open("", {}, { spawn, explain })))).message, "ENOENT");
});

test.run();

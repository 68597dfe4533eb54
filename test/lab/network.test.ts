// needs: lab
// alone: round trips are measured
import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { type Lab, openLab } from "./lab.ts";

let lab: Lab;

test.before(async () => {
  lab = await openLab();
});
test.after(async () => {
  await lab?.stop();
});

/** Milliseconds of one TCP handshake, which is one round trip. */
async function handshake(host: string): Promise<number> {
  const start = performance.now();
  const socket = connect({ host, port: 22 });
  await once(socket, "connect");
  socket.destroy();
  return performance.now() - start;
}

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

test("delay adds to each round trip, changes and goes away", async () => {
  const { address, delay } = lab.multi;
  assert.ok((await handshake(address)) < 60);
  await delay(100);
  const slow = await handshake(address);
  assert.ok(slow >= 99 && slow < 190, `${slow} ms`);
  await delay(20);
  const less = await handshake(address);
  assert.ok(less >= 19 && less < 90, `${less} ms`);
  await delay(0);
  assert.ok((await handshake(address)) < 60);
});

test("a delay of one host leaves the other alone", async () => {
  await lab.multi.delay(100);
  assert.ok((await handshake(lab.single.address)) < 60);
  await lab.multi.delay(0);
});

for (const delay of [0, 20]) {
  test(`cut is silence, restore goes on where it was (delay ${delay})`, async () => {
    const { user, address, ...host } = lab.single;
    await host.delay(delay);
    const client = spawn("ssh", [...lab.sshOptions.split(" "), `${user}@${address}`, "cat"]);
    const echo = async (word: string) => {
      client.stdin.write(`${word}\n`);
      return String((await once(client.stdout, "data"))[0]);
    };
    assert.is(await echo("before"), "before\n");
    await host.cut();
    const answer = echo("during");
    const first = await Promise.race([answer, pause(1500).then(() => "silence")]);
    assert.is(first, "silence");
    assert.is(client.exitCode, null);
    await host.restore();
    assert.is(await answer, "during\n");
    client.stdin.end();
    await once(client, "exit");
    assert.is(client.exitCode, 0);
    await host.delay(0);
  });
}

test.run();

import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { ProcessChannel } from "../../../src/remote/channel.ts";
import { type WaitingChannel, WaitingChannels } from "../../../src/remote/ssh/waiting-channels.ts";

const test = suite("channels that wait for their programs");

/** Of a channel, only whether it is open counts here. */
function waiting(): { readonly opened: WaitingChannel; readonly end: () => void } {
  let isOpen = true;
  let end = () => {};
  const closed = new Promise<void>((done) => {
    end = () => {
      isOpen = false;
      done();
    };
  });
  const channel = { closed, isOpen: () => isOpen } as unknown as ProcessChannel;
  return { opened: { channel, use: () => {} }, end };
}

test("as many as are missing are opened, and each is taken once, by two at once as well", async () => {
  let count = 0;
  const channels = new WaitingChannels(async () => {
    count += 1;
    return waiting().opened;
  });
  channels.fill(2);
  channels.fill(2);
  assert.is(count, 2);
  const [one, other] = await Promise.all([channels.take(), channels.take()]);
  assert.ok(one !== null && other !== null && one !== other);
  assert.is(await channels.take(), null);
});

test("one that has ended is passed over, and opened again", async () => {
  const made: ReturnType<typeof waiting>[] = [];
  const channels = new WaitingChannels(async () => {
    const next = waiting();
    made.push(next);
    return next.opened;
  });
  channels.fill(2);
  await Promise.resolve();
  made[0]?.end();
  assert.is(await channels.take(), made[1]?.opened);
  channels.fill(1);
  assert.is(made.length, 3);
});

test("one that could not be opened is none, and ends nothing", async () => {
  const channels = new WaitingChannels(() => Promise.reject(new Error("refused")));
  channels.fill(1);
  assert.is(await channels.take(), null);
});

test.run();

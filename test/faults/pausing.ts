import type { Channel, Connection, Frame } from "../../src/remote/connection.ts";
import type { Step } from "./grid.ts";

const COMMIT = Buffer.from("commit");

/** A real connection whose `publish` program's channel calls `pause` once, when it is at `step`. */
export function pausing(
  connection: Connection,
  step: Step,
  halfBytes: number,
  pause: () => Promise<void>,
): Connection {
  const open: Connection["open"] = async (program, params, options) => {
    const channel = await connection.open(program, params, options);
    return program === "publish" ? pausingChannel(channel, step, halfBytes, pause) : channel;
  };
  return replaced(connection, { open });
}

function pausingChannel(
  channel: Channel,
  step: Step,
  halfBytes: number,
  pause: () => Promise<void>,
): Channel {
  let written = 0;
  let paused = false;
  const at = async (here: Step) => {
    if (here !== step || paused) return;
    paused = true;
    await pause();
  };
  const write = async (data: string | Uint8Array) => {
    const bytes = Buffer.from(data);
    if (bytes.subarray(0, COMMIT.length).equals(COMMIT)) await at("before-commit");
    await channel.write(bytes);
    written += bytes.length;
    if (written >= halfBytes) await at("half-sent");
  };
  return replaced(channel, { write, frames: () => pausingFrames(channel.frames(), at) });
}

/** An object like the given one, with some of its methods replaced. */
function replaced<T extends object>(object: T, methods: Partial<T>): T {
  return new Proxy(object, {
    get(target, name) {
      const own: unknown = Reflect.get(methods, name);
      if (own !== undefined) return own;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

function pausingFrames(
  frames: AsyncIterable<Frame>,
  at: (here: Step) => Promise<void>,
): AsyncIterable<Frame> {
  const inner = frames[Symbol.asyncIterator]();
  const next = async () => {
    const result = await inner.next();
    if (!result.done && result.value.type === "waiting") await at("lock-wait");
    if (!result.done && result.value.type === "check") await at("check");
    if (!result.done && result.value.type === "send") await at("staged");
    return result;
  };
  return { [Symbol.asyncIterator]: () => ({ next }) };
}

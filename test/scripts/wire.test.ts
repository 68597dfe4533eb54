import { test } from "uvu";
import * as assert from "uvu/assert";
import { wireBytes } from "../../scripts/bench/wire.ts";

test("what was received and what was sent count, on real links alone", () => {
  const text = [
    "Inter-|   Receive                                                |  Transmit",
    " face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed",
    "    lo:  900000    900    0    0    0     0          0         0   900000     900    0    0    0     0       0          0",
    "  eth0: 1000       10    0    0    0     0          0         0      200       2    0    0    0     0       0          0",
    "  eth1:30 1 0 0 0 0 0 0 4 1 0 0 0 0 0 0",
    "  tun0: 5000       10    0    0    0     0          0         0     5000       2    0    0    0     0       0          0",
    "",
  ].join("\n");
  assert.is(wireBytes(text), 1000 + 200 + 30 + 4);
});

test.run();

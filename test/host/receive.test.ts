import { suite } from "uvu";
import * as assert from "uvu/assert";
import { makeDirectory, removeWorkspaces } from "../workspace.ts";
import { callHost, SHELLS } from "./call.ts";

const test = suite("host: receive");
test.after(removeWorkspaces);

/** Starts the watchdog, takes it away once it pauses, and says whether the program that pauses has ended before its pause has. */
const WATCHED = `main() {
  receive_watch
  pausing='' is=''
  until [ "$is" = sleep ]; do
    sleep 0.01
    { read -r pausing _ <"/proc/$watchdog/task/$watchdog/children"; read -r is <"/proc/$pausing/comm"; } 2>/dev/null
  done
  receive_watched
  for _ in 1 2 3 4 5; do
    look_at "$pausing"
    [ -n "$born" ] || { echo ended; return; }
    sleep 0.05
  done
  echo stayed
}`;

// A busybox that prefers its own `setpriv` has no signal at a parent's death.
test("nothing of the watchdog stays when the client has sent all", () => {
  const { stdout } = callHost("dash", ["lib/locks", "lib/process", "receive"], ["main"], {
    before: WATCHED,
    params: { work_dir: makeDirectory() },
  });
  assert.is(stdout, "ended\n");
});

/** Waits for a lock that another holds for a moment, and says whether what read the client's stdin meanwhile is still there. */
const LOCKED = `main() {
  mkdir -p "$work_dir/locks"
  mkfifo client && exec 0<>client
  flock "$work_dir/locks/snapshots-x" sh -c 'echo >held; sleep 0.3' &
  until [ -e held ]; do sleep 0.01; done
  receive_lock snapshots x
  if [ -e "/proc/$receive_waiter" ]; then echo reads; else echo gone; fi
}`;

for (const shell of SHELLS)
  test(`${shell}: nothing else reads what the client says once the lock is there`, () => {
    const { stdout } = callHost(shell, ["lib/locks", "lib/process", "receive"], ["main"], {
      before: LOCKED,
      params: { work_dir: makeDirectory() },
    });
    assert.is(stdout, "waiting 11\nsnapshots-xgone\n");
  });

test.run();

import { suite } from "uvu";
import * as assert from "uvu/assert";
import { makeDirectory, removeWorkspaces } from "../workspace.ts";
import { callHost } from "./call.ts";

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

test.run();

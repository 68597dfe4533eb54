import { suite } from "uvu";
import * as assert from "uvu/assert";
import { removeWorkspaces } from "../../workspace.ts";
import { callHost, SHELLS } from "../call.ts";

const test = suite("host lib: wait");
test.after(removeWorkspaces);

/** A body of `main`, and what it says. */
const cases: Readonly<Record<string, readonly [text: string, said: string]>> = {
  "await gives the status of the child": ['(exit 7) & await "$!" true; echo "$?"', "7\n"],
  "await gives the status of a child that a signal ended": [
    'sleep 9 & kill -KILL "$!"; await "$!" true; echo "$?"',
    "137\n",
  ],
  "await gives the status of a child that was over before": [
    '(exit 3) & child=$!; sleep 0.2; await "$child" true; echo "$?"',
    "3\n",
  ],
  "await waits once more for a child when a signal has interrupted it": [
    'wait() { looked="${looked-}x"; [ "$looked" != x ] || return 138; command wait "$@"; }; (exit 7) & child=$!; until ended "$child"; do :; done; await "$child" true; echo "$? $looked"',
    "7 xx\n",
  ],
  "status_of outlasts signals, and gives a signal's own status only for a child that one ended": [
    'trap : USR1; me=$$; (sleep 0.2; kill -USR1 "$me"; sleep 0.2; kill -USR1 "$me") & (sleep 0.8; exit 3) & status_of "$!"; echo "$?"; sleep 9 & kill -KILL "$!"; status_of "$!"; echo "$?"',
    "3\n137\n",
  ],
  "a check that fails ends the child": [
    'sleep 9 & child=$!; await "$child" false || echo "$?"; await "$child" true; echo "$?"',
    "1\n143\n",
  ],
  "a check is a command with its words": [
    'say() { printf "%s " "$#" "$@"; return 1; }; sleep 9 & await "$!" say "a b" c; kill "$!" 2>/dev/null; wait',
    "2 a b c ",
  ],
  "a check may end the program": [
    "check() { echo over; exit 4; }; sleep 0.3 & await $! check; echo went on",
    "over\n",
  ],
  "await asks again when a signal interrupts `wait`": [
    'wait() { [ -n "$once" ] || { once=yes; return 145; }; command wait "$@"; }; once=""; (exit 7) & await "$!" true; echo "$?"',
    "7\n",
  ],
  "a nap ends with a child, and not after its own time": [
    'sleep() { exec sleep 900; }; (env sleep 0.2; exit 6) & await "$!" true; echo "$?"',
    "6\n",
  ],
  "a nap ends with a signal": [
    'sleep() { exec sleep 900; }; trap : HUP; (env sleep 0.2; kill -HUP "$$"; env sleep 0.2) & looks=0; nap; echo up',
    "up\n",
  ],
  "the process of a nap that was ended is gone": [
    'sleep() { exec sleep 900; }; true & looks=0; nap; ended "$napper" && echo gone',
    "gone\n",
  ],
  "await_lock takes a lock that becomes free": [
    "open_fd 9 file; (flock 9; sleep 0.3) & sleep 0.1; open_fd 7 file; close_fd 9; await_lock 7 true && echo taken; flock -n file true || echo held",
    "taken\nheld\n",
  ],
  "await_lock ends when its check fails": [
    'open_fd 9 file; flock 9; open_fd 7 file; await_lock 7 false || echo "no more"',
    "no more\n",
  ],
  "await_done counts a word once": [
    'lease_done=1; await_done false && echo done; await_done false || echo "not twice"',
    "done\nnot twice\n",
  ],
  "within is content with the first try": ["within 0 true && echo yes", "yes\n"],
  "within sees what comes in time": ["(sleep 0.2; : >there) & within 500 test -e there && echo yes", "yes\n"],
  "within fails when the time is over": ["within 10 false || echo over", "over\n"],
};

for (const shell of SHELLS)
  for (const [what, [text, said]] of Object.entries(cases))
    test(`${shell}: ${what}`, () => {
      const { stdout } = callHost(shell, ["lib/locks", "lib/process", "lib/wait"], ["main"], {
        before: `main() { ${text}; }`,
      });
      assert.is(stdout, said);
    });

test.run();

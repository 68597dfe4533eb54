import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  beginning,
  step,
  type WatchEffect,
  type WatchEvent,
  type WatchState,
} from "../../../src/operations/watch/machine.ts";

const changed = { type: "changed" } as const;
const unusable = { type: "unusable" } as const;
const cleared = { type: "cleared" } as const;
const lost = { type: "lost" } as const;
const back = { type: "back" } as const;
const ended = { type: "ended", lost: false } as const;
const endedLost = { type: "ended", lost: true } as const;
const all = { type: "asked", wanted: "all" } as const;
const failed = { type: "asked", wanted: "failed" } as const;
const saw = (what: string, touches = true): WatchEvent => ({ type: "looked", saw: what, touches });

/** An effect in a word: `look`, `start touched`, `cancel`, `reconnect`. */
const word = (effect: WatchEffect) => (effect.type === "start" ? `start ${effect.wanted}` : effect.type);

/** What each event has done, a line each; and the last state. */
function play(events: readonly WatchEvent[]): { readonly done: string[]; readonly state: WatchState } {
  let [state, first] = beginning();
  const done = [first.map(word).join(", ")];
  for (const event of events) {
    const [next, effects] = step(state, event);
    state = next;
    done.push(effects.map(word).join(", "));
  }
  return { done, state };
}

const CASES: readonly (readonly [what: string, ...steps: (readonly [WatchEvent, string])[]])[] = [
  ["the first look starts the first run", [saw("a"), "start touched"]],
  [
    "every run is followed by a look, which finds nothing new",
    [saw("a"), "start touched"],
    [ended, "look"],
    [saw("a"), ""],
  ],
  [
    "a change that no event told is found by that look",
    [saw("a"), "start touched"],
    [ended, "look"],
    [saw("b"), "start touched"],
  ],
  [
    "events without a change run nothing",
    [saw("a"), "start touched"],
    [ended, "look"],
    [saw("a"), ""],
    [changed, "look"],
    [saw("a"), ""],
  ],
  [
    "a change that no job depends on neither cancels nor starts",
    [saw("a"), "start touched"],
    [changed, "look"],
    [saw("b", false), ""],
    [ended, "look"],
    [saw("b"), ""],
  ],
  [
    "what is outdated is cancelled, and the next run does not wait for its end",
    [saw("a"), "start touched"],
    [changed, "look"],
    [saw("b"), "cancel, start touched"],
    [cleared, ""],
    [ended, "look"],
  ],
  [
    "who types on has at most two runs that are ending",
    [saw("a"), "start touched"],
    [changed, "look"],
    [saw("b"), "cancel, start touched"],
    [changed, "look"],
    [saw("c"), "cancel"],
    [changed, "look"],
    [saw("d"), ""],
    [cleared, "start touched"],
    [cleared, ""],
  ],
  [
    "a change during a look is looked at again, but what was seen counts",
    [changed, ""],
    [changed, ""],
    [saw("a"), "start touched, look"],
    [saw("b"), "cancel, start touched"],
  ],
  [
    "a tree that cannot be used cancels its run; when it can be again, jobs without a verdict run",
    [saw("a"), "start touched"],
    [changed, "look"],
    [unusable, "cancel"],
    [cleared, ""],
    [changed, "look"],
    [saw("a", false), "start touched"],
  ],
  [
    "an unusable tree at the start is waited for",
    [unusable, ""],
    [changed, "look"],
    [saw("a"), "start touched"],
  ],
  [
    "all again: with a look first, and instead of the run that is under way",
    [saw("a"), "start touched"],
    [all, "cancel, look"],
    [saw("a"), "start all"],
    [cleared, ""],
  ],
  [
    "what failed is known when the run has ended",
    [saw("a"), "start touched"],
    [failed, "look"],
    [saw("a"), ""],
    [ended, "look"],
    [saw("a"), "start failed"],
  ],
  ["a key during a look waits for it", [all, ""], [saw("a"), "start all, look"], [saw("a"), ""]],
  [
    "a run that lost its host runs again when the host is back, after a look",
    [saw("a"), "start touched"],
    [endedLost, "reconnect"],
    [changed, "look"],
    [saw("b"), ""],
    [back, "look"],
    [saw("b"), "start touched"],
  ],
  [
    "a connection that was lost between runs is made again, and nothing runs for that",
    [saw("a"), "start touched"],
    [ended, "look"],
    [saw("a"), ""],
    [lost, "reconnect"],
    [lost, ""],
    [back, "look"],
    [saw("a"), ""],
    [back, ""],
  ],
  [
    "a run under way outlives a lost connection; only one attempt to reconnect is made",
    [saw("a"), "start touched"],
    [lost, "reconnect"],
    [endedLost, ""],
    [back, "look"],
    [saw("a"), "start touched"],
  ],
];

for (const [what, ...steps] of CASES)
  test(what, () => {
    const { done } = play(steps.map(([event]) => event));
    assert.equal(done, ["look", ...steps.map(([, effects]) => effects)]);
  });

test("whatever happens, no more runs are started than have a place, and a look is never forgotten", () => {
  const events: readonly WatchEvent[] = [
    changed,
    unusable,
    saw("a"),
    saw("b"),
    saw("c", false),
    all,
    failed,
    lost,
    back,
  ];
  // A sequence of all that can happen, by a small generator with a fixed seed.
  let seed = 1;
  const next = (count: number) => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed % count;
  };
  let [state] = beginning();
  let [running, ending, looking] = [0, 0, 1];
  for (let at = 0; at < 20_000; at += 1) {
    const possible = [
      ...events.filter(({ type }) => looking > 0 || (type !== "looked" && type !== "unusable")),
      ...(running > 0 ? [ended, endedLost] : []),
      ...(ending > 0 ? [cleared] : []),
    ];
    const event = possible[next(possible.length)] ?? changed;
    if (event.type === "looked" || event.type === "unusable") looking -= 1;
    if (event.type === "ended") running -= 1;
    if (event.type === "cleared") ending -= 1;
    const [after, effects] = step(state, event);
    state = after;
    for (const effect of effects) {
      if (effect.type === "look") looking += 1;
      if (effect.type === "start") running += 1;
      if (effect.type === "cancel") [running, ending] = [running - 1, ending + 1];
    }
    assert.is(looking, state.look === "none" ? 0 : 1);
    assert.is(running, state.run === "running" ? 1 : 0);
    assert.is(ending, state.ending);
    assert.ok(ending <= 2, `${ending} runs are ending`);
  }
});

test.run();

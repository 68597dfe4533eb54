/** Which jobs the next run has: those that a change touched or that have no verdict, all, or those that did not pass. */
export type Wanted = "touched" | "all" | "failed";

/** Where a watch stands. It does nothing itself: `step` says what is to be done. */
export interface WatchState {
  /** `again`: something changed after this look at the tree had begun. */
  readonly look: "none" | "looking" | "again";
  readonly run: "none" | "running";
  /** Runs that were cancelled and have not ended yet. */
  readonly ending: number;
  /** What runs as soon as it can; null: nothing. */
  readonly wanted: Wanted | null;
  readonly link: "up" | "down";
  /** What the latest look saw, as one word for all that jobs depend on; null: there was none, or the latest one failed. */
  readonly seen: string | null;
}

export type WatchEvent =
  /** The file system was quiet again after something had changed, or something has to be looked at for another reason. */
  | { readonly type: "changed" }
  /** `touches`: since the look before, something changed that a job depends on. */
  | { readonly type: "looked"; readonly saw: string; readonly touches: boolean }
  /** The tree or the configuration cannot be used as it is. */
  | { readonly type: "unusable" }
  /** The run has ended; `lost`: for want of its host. */
  | { readonly type: "ended"; readonly lost: boolean }
  /** A run that was cancelled has ended. */
  | { readonly type: "cleared" }
  | { readonly type: "lost" }
  | { readonly type: "back" }
  | { readonly type: "asked"; readonly wanted: "all" | "failed" };

export type WatchEffect =
  | { readonly type: "look" }
  | { readonly type: "start"; readonly wanted: Wanted }
  /** The run is outdated: it is cancelled, and ends on its own. */
  | { readonly type: "cancel" }
  | { readonly type: "reconnect" };

export type Step = readonly [WatchState, readonly WatchEffect[]];

/** Cancelled runs that may still be ending when another begins: who types on and on must not fill the host. */
const MOST_ENDING = 1;

/** A watch begins with a look. */
export function beginning(): Step {
  const state = { look: "looking", run: "none", ending: 0, wanted: null, link: "up", seen: null } as const;
  return [state, [{ type: "look" }]];
}

/** What an event makes of a watch, and what is to be done about it. Every run follows a look at the whole tree. */
export function step(state: WatchState, event: WatchEvent): Step {
  switch (event.type) {
    case "changed":
      return lookAgain(state);
    case "looked":
      return looked(state, event);
    case "unusable":
      return afterLook(cancelled({ ...state, seen: null }));
    case "ended":
      return event.lost
        ? lost({ ...state, run: "none", wanted: "touched" })
        : lookAgain({ ...state, run: "none" });
    case "cleared":
      return cleared({ ...state, ending: state.ending - 1 });
    case "lost":
      return lost(state);
    case "back":
      return state.link === "up" ? [state, []] : lookAgain({ ...state, link: "up" });
    case "asked":
      return asked(state, event.wanted);
  }
}

/** A look that is under way may have missed the change. */
function lookAgain(state: WatchState): Step {
  if (state.look !== "none") return [{ ...state, look: "again" }, []];
  return [{ ...state, look: "looking" }, [{ type: "look" }]];
}

function looked(state: WatchState, { saw, touches }: Extract<WatchEvent, { type: "looked" }>): Step {
  const isNew = saw !== state.seen;
  const now = { ...state, seen: saw };
  if (!isNew || (state.seen !== null && !touches)) return afterLook([now, []]);
  return afterLook(cancelled({ ...now, wanted: state.wanted ?? "touched" }));
}

function afterLook([state, effects]: Step): Step {
  const isAgain = state.look === "again";
  const begun = begin({ ...state, look: isAgain ? "looking" : "none" });
  return [begun[0], [...effects, ...begun[1], ...(isAgain ? [{ type: "look" } as const] : [])]];
}

function cancelled(state: WatchState): Step {
  if (state.run === "none") return [state, []];
  return [{ ...state, run: "none", ending: state.ending + 1 }, [{ type: "cancel" }]];
}

/** Starts what is wanted if the tree is known and nothing is in the way. */
function begin(state: WatchState): Step {
  const { wanted, run, ending, link, seen } = state;
  if (wanted === null || seen === null || run === "running" || link === "down" || ending > MOST_ENDING)
    return [state, []];
  return [{ ...state, run: "running", wanted: null }, [{ type: "start", wanted }]];
}

/** A look that is under way will begin what is wanted. */
function cleared(state: WatchState): Step {
  return state.look === "none" ? begin(state) : [state, []];
}

/** A run that is under way tries to reach its host by itself. */
function lost(state: WatchState): Step {
  if (state.link === "down") return [state, []];
  return [{ ...state, link: "down" }, [{ type: "reconnect" }]];
}

/** What was asked for replaces a run of the same jobs, but failed jobs are known only when a run has ended. */
function asked(state: WatchState, wanted: "all" | "failed"): Step {
  const [now, effects] = wanted === "all" ? cancelled(state) : ([state, []] as const);
  const [next, more] = lookAgain({ ...now, wanted });
  return [next, [...effects, ...more]];
}

/** What each job needs, by names of one file; some of these may not be in it. */
type Needs = ReadonlyMap<string, readonly string[]>;

interface Order {
  /** Jobs, each after all that it needs. */
  readonly order: readonly string[];
  /** Jobs that could never begin, each with the circle that it is in. */
  readonly circles: ReadonlyMap<string, string>;
}

/** Puts jobs in an order in which they can run; jobs that need themselves, by others or not, are set aside. */
export function inOrder(needs: Needs): Order {
  const waits = new Map<string, Set<string>>();
  for (const [name, own] of needs) waits.set(name, new Set(own.filter((need) => needs.has(need))));
  const followers = followersOf(waits);
  const order: string[] = [];
  const circles = new Map<string, string>();
  const ready = [...waits].filter(([, own]) => own.size === 0).map(([name]) => name);
  while (waits.size > 0) {
    const name = ready.shift();
    if (name === undefined) {
      const circle = circleIn(waits);
      for (const one of circle) circles.set(one, [...circle, circle[0]].join(" needs "));
      ready.push(...circle);
    } else if (waits.delete(name)) {
      if (!circles.has(name)) order.push(name);
      ready.push(...freed(name, followers, waits));
    }
  }
  return { order, circles };
}

function followersOf(waits: ReadonlyMap<string, ReadonlySet<string>>): ReadonlyMap<string, string[]> {
  const followers = new Map<string, string[]>();
  for (const [name, own] of waits)
    for (const need of own) followers.set(need, [...(followers.get(need) ?? []), name]);
  return followers;
}

/** The jobs that wait for nothing once `name` is done. */
function freed(
  name: string,
  followers: ReadonlyMap<string, readonly string[]>,
  waits: ReadonlyMap<string, Set<string>>,
): string[] {
  return (followers.get(name) ?? []).filter((one) => {
    const own = waits.get(one);
    return own?.delete(name) === true && own.size === 0;
  });
}

/** Where every job waits for another one, following them ends in a circle. */
function circleIn(waits: ReadonlyMap<string, ReadonlySet<string>>): string[] {
  const path: string[] = [];
  let [next = ""] = waits.keys();
  while (!path.includes(next)) {
    path.push(next);
    [next = ""] = waits.get(next) ?? [];
  }
  return path.slice(path.indexOf(next));
}

/** What is left of needs when only some jobs are taken. */
export interface Kept {
  /** Jobs that are taken: needed, or needed by one that was left out. */
  readonly needs: readonly string[];
  readonly leftOut: readonly string[];
  /** Not in the file. */
  readonly unknown: readonly string[];
}

/** In the place of a job that is not taken stands what that one needs. */
export function keptNeeds(name: string, needs: Needs, isTaken: (name: string) => boolean): Kept {
  const kept = new Set<string>();
  const leftOut = new Set<string>();
  const unknown = new Set<string>();
  const queue = [...(needs.get(name) ?? [])];
  for (const need of queue) {
    if (need === name || kept.has(need) || leftOut.has(need)) continue;
    const own = needs.get(need);
    if (own === undefined) unknown.add(need);
    else if (isTaken(need)) kept.add(need);
    else {
      leftOut.add(need);
      queue.push(...own);
    }
  }
  return { needs: [...kept], leftOut: [...leftOut], unknown: [...unknown] };
}

interface Reach {
  /** All that a job needs, directly or by others. */
  readonly all: ReadonlySet<string>;
  /** Those of its needs that no other of them brings. */
  readonly fewest: ReadonlySet<string>;
}

/** What each job reaches. `order` has each job after its needs. */
export function reachOf(order: readonly string[], needs: Needs): ReadonlyMap<string, Reach> {
  const places = new Map(order.map((name, index) => [name, index]));
  const place = (name: string) => places.get(name) ?? -1;
  const found = new Map<string, Reach>();
  for (const name of order) {
    const all = new Set<string>();
    const fewest = new Set<string>();
    // What brings a need comes after it in the order, so it is seen first here.
    for (const need of [...(needs.get(name) ?? [])].sort((a, b) => place(b) - place(a))) {
      if (all.has(need)) continue;
      fewest.add(need);
      all.add(need);
      for (const one of found.get(need)?.all ?? []) all.add(one);
    }
    found.set(name, { all, fewest });
  }
  return found;
}

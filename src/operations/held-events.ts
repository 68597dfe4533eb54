import type { Emit, PikaciEvent } from "../core/events.ts";

/** Keeps events back until what is told before them has happened. */
export class HeldEvents {
  readonly #emit: Emit;
  #held: PikaciEvent[] | null = [];

  constructor(emit: Emit) {
    this.#emit = emit;
  }

  readonly emit: Emit = (event) => {
    if (this.#held === null) this.#emit(event);
    else this.#held.push(event);
  };

  /** Passes on what was kept, in its order, and from now on everything at once. */
  release(): void {
    const held = this.#held ?? [];
    this.#held = null;
    for (const event of held) this.#emit(event);
  }
}

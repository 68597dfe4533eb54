import type { Context } from "../core/context.ts";
import type { RunId } from "../core/ids.ts";
import type { Project } from "../core/project.ts";
import type { HashedSnapshot } from "../core/snapshot.ts";
import {
  type EarlierSnapshot,
  fetchSnapshot,
  rememberedSnapshot,
  removeFetched,
} from "../publish/earlier-snapshot.ts";
import type { HostFacts } from "../remote/facts.ts";
import { hash } from "../tree/hash.ts";
import { snapshot } from "../tree/snapshot.ts";
import { stages } from "./stage-events.ts";

interface TreeInput {
  readonly project: Project;
  /** Null: the workspace's own. */
  readonly exact: EarlierSnapshot | null;
  /** The workspace as somebody has just looked at it. */
  readonly taken?: HashedSnapshot;
}

/** Where a run's snapshot comes from: the workspace as it is now, or an earlier run. */
export class TreeSource {
  readonly #input: TreeInput;
  readonly #runId: RunId;
  readonly #context: Context;
  #taken: HashedSnapshot | null = null;
  #fetched: HashedSnapshot | null = null;

  constructor(input: TreeInput, runId: RunId, context: Context) {
    this.#input = input;
    this.#runId = runId;
    this.#context = context;
  }

  /** The snapshot; of an earlier run perhaps without files on this machine. */
  async hashed(): Promise<HashedSnapshot> {
    const { exact } = this.#input;
    const known = exact === null ? null : rememberedSnapshot(exact, this.#context.memory);
    if (known === null) return this.hashedHere();
    this.#taken = known;
    return known;
  }

  /** The snapshot, its files on this machine. */
  async hashedHere(): Promise<HashedSnapshot> {
    const { exact } = this.#input;
    this.#taken = await (exact === null ? this.#take() : this.#fetch(exact));
    return this.#taken;
  }

  /** The snapshot; its files are on this machine when the host lacks it. */
  async withFiles({ snapshot }: HostFacts): Promise<HashedSnapshot> {
    const { exact } = this.#input;
    const taken = this.#taken ?? (await this.hashed());
    const enough = exact === null || this.#fetched !== null || snapshot?.state === "have";
    return enough ? taken : this.#fetch(exact);
  }

  /** Removes what was fetched. */
  close(): void {
    if (this.#fetched !== null) removeFetched(this.#fetched);
  }

  async #take(): Promise<HashedSnapshot> {
    const { project, taken } = this.#input;
    if (taken !== undefined) return taken;
    const stage = stages(this.#context);
    const place = { workspace: project.workspace, filters: project.filters };
    const tree = await stage("snapshot", () => snapshot(place, this.#context));
    return stage("hash", () => hash(tree, this.#context));
  }

  async #fetch(exact: EarlierSnapshot): Promise<HashedSnapshot> {
    this.#context.emit({ type: "waiting", what: `the earlier run's files come from ${exact.origin.url}` });
    this.#fetched = await fetchSnapshot(exact, this.#runId, this.#context);
    return this.#fetched;
  }
}

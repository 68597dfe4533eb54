import { InfraError } from "../core/errors.ts";
import type { BuilderFailure, UnbuiltOutput } from "../core/prepared.ts";
import { type BuildLog, readBuildLog } from "./build-log.ts";
import { explainNix } from "./errors.ts";
import { derivationName, nixLogText } from "./log.ts";

/** An output that is not there after a build; the body of an `unbuilt` frame. */
interface Unbuilt {
  readonly key: string;
  /** Where it would be. */
  readonly path: string;
  /** Derivations that Nix's errors name and it needs, dependencies first; its own is the last. */
  readonly named: readonly Named[];
}

interface Named {
  readonly derivation: string;
  /** Its hash is known before it is built: it fetches something. */
  readonly fixed: boolean;
}

/** Throws InfraError("host") at what is none. */
export function parseUnbuilt(body: Buffer): Unbuilt {
  const [key = "", path = "", ...lines] = body.toString("utf8").split("\n").filter(Boolean);
  const named = lines.map((line) => {
    const [derivation = "", fixed] = line.split(" ");
    return { derivation, fixed: fixed === "fixed" };
  });
  if (named.length > 0 && [path, ...named.map(({ derivation }) => derivation)].every(isStorePath))
    return { key, path, named };
  throw new InfraError("host", "what the host says of an output that was not built cannot be read", {
    hint: "use the same version of pikaci for all who use this host",
  });
}

/** Whose builder failed, so that the output is not there; null when the log does not say that it was a builder. */
export function blame(unbuilt: Unbuilt, log: BuildLog): Omit<BuilderFailure, "log"> | null {
  if (log.diskFull) return null;
  for (const { derivation, fixed } of unbuilt.named) {
    const reason = log.reasons.get(derivation);
    if (reason !== undefined && !(fixed && isFetch(reason))) return { derivation, reason };
  }
  const own = unbuilt.named.at(-1);
  if (own === undefined || own.fixed || !log.onlyBuilds || !log.started.has(own.derivation)) return null;
  return { derivation: own.derivation, reason: log.reasons.get(unbuilt.path) ?? "builder failed" };
}

/** A builder that was to fetch something and did not: the network, not the tree. */
function isFetch(reason: string): boolean {
  return reason.startsWith("builder ");
}

function isStorePath(text: string): boolean {
  return /^\/nix\/store\/[0-9a-z]{32}-[0-9A-Za-z+._?=-]+$/.test(text);
}

/** What is known of an output that was not built. */
export type Fault = Pick<UnbuiltOutput, "failure" | "dependency">;

/** A build on this machine whose builder failed. */
export class BuildFailed extends InfraError {
  readonly output: Fault;

  constructor(output: Fault) {
    super("nix", `a Nix build failed: ${output.failure.derivation}: ${output.failure.reason}`);
    this.output = output;
  }
}

/** What a host says of a build that failed, frame by frame. */
export class UnbuiltReader {
  readonly #logs = new Map<string, Buffer[]>();
  readonly #unbuilt: { readonly output: Unbuilt; readonly log: BuildLog; readonly text: string }[] = [];
  #text = "";

  /** The body of a frame of that type; docs/protocol.md. InfraError("host"). */
  push(type: "failures" | "unbuilt" | "build-log", body: Buffer): void {
    if (type === "failures") this.#text = body.toString("utf8");
    else if (type === "build-log") this.#addLog(body);
    else this.#unbuilt.push({ output: parseUnbuilt(body), log: readBuildLog(this.#text), text: this.#text });
  }

  /** A derivation, a newline, a part of what its builder printed. */
  #addLog(body: Buffer): void {
    const end = body.indexOf("\n");
    const derivation = body.subarray(0, end).toString("utf8");
    this.#logs.set(derivation, [...(this.#logs.get(derivation) ?? []), body.subarray(end + 1)]);
  }

  /** Failures by the outputs' keys. Throws what Nix's words mean when one is no builder's. */
  judge(): Map<string, Fault> {
    const judged = this.#unbuilt.map(({ output, log, text }) => {
      const failure = blame(output, log);
      if (failure === null) throw explainNix(nixLogText(`${this.#printed(output)}${text}`));
      const dependency = failure.derivation !== output.named.at(-1)?.derivation;
      const printed = Buffer.concat(this.#logs.get(failure.derivation) ?? []);
      return [output.key, { dependency, failure: { ...failure, log: printed } }] as const;
    });
    return new Map(judged);
  }

  /** The end of what its builders printed, as a log has it. */
  #printed({ named }: Unbuilt): string {
    const lines = named.flatMap(({ derivation }) => {
      const log = Buffer.concat(this.#logs.get(derivation) ?? []).subarray(-4096);
      const text = log.toString("utf8").trimEnd();
      return text === "" ? [] : text.split("\n").map((line) => `${derivationName(derivation)}> ${line}\n`);
    });
    return lines.join("");
  }
}

import { stripVTControlCharacters } from "node:util";
import * as z from "zod";
import { CopyCounter, type CopyCounts } from "./copies.ts";

/** What Nix builds and copies at a moment. */
export interface NixProgress extends CopyCounts {
  readonly built: number;
  readonly toBuild: number;
  /** Names of the derivations that are being built, oldest first. */
  readonly building: readonly string[];
}

/** What a line of Nix's log says: something to read, by Nix or by a builder, or how far Nix is. */
export type NixSaying =
  | { readonly kind: "text"; readonly line: string; readonly builder: string | null }
  | { readonly kind: "progress"; readonly progress: NixProgress };

/** Numbers of Nix's own `logging.hh`; the same since 2.4. */
const ACTIVITY = { builds: 104, build: 105 } as const;
const RESULT = { logLine: 101, progress: 105, postBuildLine: 107 } as const;
const ERROR = 0;
const INFO = 3;

const message = z.discriminatedUnion("action", [
  z.object({ action: z.literal("msg"), level: z.number(), msg: z.string() }),
  z.object({
    action: z.literal("start"),
    id: z.number(),
    level: z.number(),
    text: z.string(),
    type: z.number(),
    fields: z.array(z.unknown()).optional(),
  }),
  z.object({ action: z.literal("stop"), id: z.number() }),
  z.object({ action: z.literal("result"), id: z.number(), type: z.number(), fields: z.array(z.unknown()) }),
]);
type Message = z.infer<typeof message>;

/** Reads `--log-format internal-json` line by line. What is not of that form is text, as Nix wrote it. */
export class NixLogReader {
  readonly #activities = new Map<number, number>();
  readonly #building = new Map<number, string>();
  readonly #copies = new CopyCounter();
  #counts = { built: 0, toBuild: 0 };
  #told = "";

  push(line: string): readonly NixSaying[] {
    const said = parse(line);
    return said === null ? [text(line)] : this.#note(said);
  }

  #note(said: Message): readonly NixSaying[] {
    switch (said.action) {
      case "msg":
        return said.level <= INFO
          ? plain(said.msg)
              .split("\n")
              .map((line) => text(line))
          : [];
      case "start":
        this.#activities.set(said.id, said.type);
        return this.#start(said);
      case "stop":
        return this.#stop(said.id);
      case "result":
        return this.#result(said.id, said.type, said.fields);
    }
  }

  #start({ id, level, text: what, type, fields = [] }: Extract<Message, { action: "start" }>) {
    const spoken = level <= INFO && what !== "" ? [text(`${plain(what)}...`)] : [];
    this.#copies.started(type, what);
    if (type !== ACTIVITY.build) return [...spoken, ...this.#changed()];
    this.#building.set(id, derivationName(String(fields[0] ?? "")));
    return [...spoken, this.#progress()];
  }

  #result(id: number, type: number, fields: readonly unknown[]): readonly NixSaying[] {
    if (type === RESULT.logLine || type === RESULT.postBuildLine)
      return [text(plain(String(fields[0] ?? "")), this.#building.get(id) ?? "build")];
    const activity = this.#activities.get(id) ?? 0;
    this.#copies.result(id, activity, type, fields);
    const [done, expected] = fields.map(Number);
    if (type === RESULT.progress && activity === ACTIVITY.builds)
      this.#counts = { built: done ?? 0, toBuild: expected ?? 0 };
    return this.#changed();
  }

  #stop(id: number): readonly NixSaying[] {
    this.#copies.stopped(id, this.#activities.get(id) ?? 0);
    this.#activities.delete(id);
    return this.#building.delete(id) ? [this.#progress()] : this.#changed();
  }

  /** Told when a count changes, or the bytes by a hundredth: Nix tells of each 64 KiB. */
  #changed(): readonly NixSaying[] {
    const { copied, toCopy, copiedBytes = 0, toCopyBytes = 0 } = this.#copies.counts();
    const share = toCopyBytes === 0 ? 0 : Math.floor((100 * copiedBytes) / toCopyBytes);
    const known = JSON.stringify([this.#counts, copied, toCopy, toCopyBytes, share]);
    if (known === this.#told) return [];
    const nothing = this.#told === "" && this.#counts.toBuild + toCopy + toCopyBytes === 0;
    this.#told = known;
    return nothing ? [] : [this.#progress()];
  }

  #progress(): NixSaying {
    const progress = { ...this.#counts, ...this.#copies.counts(), building: [...this.#building.values()] };
    return { kind: "progress", progress };
  }
}

/** A whole log as Nix prints it for people, builders' lines after the builder's name: what `explainNix` reads. */
export function nixLogText(log: string): string {
  const reader = new NixLogReader();
  const lines = log.split("\n").flatMap((line) => reader.push(line));
  return lines
    .flatMap((said) =>
      said.kind === "text" ? [said.builder === null ? said.line : `${said.builder}> ${said.line}`] : [],
    )
    .join("\n");
}

/** What a log has at the level of errors, whole, and the derivations whose builders were started. */
export function nixMessages(log: string): {
  readonly errors: readonly string[];
  readonly started: ReadonlySet<string>;
} {
  const said = log.split("\n").flatMap((line) => parse(line) ?? []);
  const errors = said.flatMap((one) => (one.action === "msg" && one.level === ERROR ? [plain(one.msg)] : []));
  const builds = said.flatMap((one) =>
    one.action === "start" && one.type === ACTIVITY.build ? [String(one.fields?.[0] ?? "")] : [],
  );
  return { errors, started: new Set(builds) };
}

function parse(line: string): Message | null {
  if (!line.startsWith("@nix ")) return null;
  try {
    return message.parse(JSON.parse(line.slice(5)));
  } catch {
    return null;
  }
}

function text(line: string, builder: string | null = null): NixSaying {
  return { kind: "text", line, builder };
}

/** Nix colours its words also where nobody asked for it. */
function plain(words: string): string {
  return stripVTControlCharacters(words);
}

/** Its name alone, as Nix puts it in front of a builder's lines. */
export function derivationName(path: string): string {
  return path.replace(/^.*\/[0-9a-z]{32}-/, "").replace(/\.drv$/, "");
}

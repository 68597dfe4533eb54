import type { Emit } from "../core/events.ts";
import { NixLogReader, type NixSaying } from "./log.ts";

/** Takes the lines of a Nix command's stderr and tells of them as events. */
export function nixListener(emit: Emit): (line: string) => void {
  const reader = new NixLogReader();
  return (line) => {
    for (const said of reader.push(line)) emit(eventOf(said));
  };
}

/** A listener to Nix's log that tells how far it is, and nothing else: a copy's words repeat the paths. */
export function progressListener(emit: Emit): (line: string) => void {
  return nixListener((event) => {
    if (event.type === "nix-progress") emit(event);
  });
}

function eventOf(said: NixSaying): Parameters<Emit>[0] {
  if (said.kind === "progress") return { type: "nix-progress", ...said.progress };
  const { line, builder } = said;
  return { type: "nix-log", line, ...(builder === null ? {} : { builder }) };
}

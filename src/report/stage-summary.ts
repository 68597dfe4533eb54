import type { PikaciEvent, StageName } from "../core/events.ts";
import { formatBytes, plural } from "./format.ts";

/** Collects what a stage's events said, for the one line that tells of its end. */
export class StageSummary {
  #hashed = "";
  #published = "";
  #prepared: string[] = [];
  #runners: string[] = [];
  #allReused = true;

  note(event: PikaciEvent): void {
    if (event.type === "published" || event.type === "prepared" || event.type === "runner-ready")
      this.#allReused &&= event.outcome === "reused";
    if (event.type === "hashed")
      this.#hashed = `${plural(event.fileCount, "file")}, ${formatBytes(event.byteCount)}, ${event.contentHash.slice(0, 12)}`;
    if (event.type === "published") {
      const sent =
        event.outcome === "reused"
          ? "nothing sent, the host has it"
          : `${event.outcome}, ${formatBytes(event.bytesSent)} sent`;
      this.#published = event.verified === true ? `${sent}, verified` : sent;
    }
    if (event.type === "prepared") this.#prepared.push(`${event.name} ${event.outcome}`);
    if (event.type === "runner-ready") this.#runners.push(`${event.backend} ${event.outcome}`);
  }

  /** What is worth saying at the end of a stage; empty when nothing is. */
  of(stage: StageName): string {
    switch (stage) {
      case "hash":
        return this.#hashed;
      case "publish":
        return this.#published;
      case "prepare":
        return this.#prepared.join(", ");
      case "render":
        return this.#rendered();
      case "snapshot":
      case "execute":
      case "collect":
        return "";
    }
  }

  #rendered(): string {
    const runners = this.#runners.join(", ");
    const all = this.#allReused ? "nothing was uploaded, evaluated or built" : "";
    return [runners, all].filter((part) => part !== "").join("; ");
  }
}

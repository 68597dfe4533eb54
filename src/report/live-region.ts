import { Writable } from "node:stream";
import cliTruncate from "cli-truncate";
import { createLogUpdate } from "log-update";
import stringWidth from "string-width";

export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

interface LiveRegionOptions {
  readonly write: (text: string) => void;
  readonly size: () => TerminalSize;
}

const SYNCHRONISED = ["\x1b[?2026h", "\x1b[?2026l"] as const;

/** Lines at the bottom of a terminal that are drawn over, and lines above them that stay; each change is one write. */
export class LiveRegion {
  readonly #options: LiveRegionOptions;
  readonly #draw: ReturnType<typeof createLogUpdate>;
  #pending = "";
  #shown: readonly string[] = [];

  constructor(options: LiveRegionOptions) {
    this.#options = options;
    const collect = (text: string) => {
      this.#pending += text;
    };
    this.#draw = createLogUpdate(new Screen(options.size, collect), { showCursor: true });
  }

  /** Puts `above` over the region, where it stays, and draws the region anew. */
  update(above: readonly string[], region: readonly string[]): void {
    const { columns } = this.#options.size();
    const cut = region.map((line) => cliTruncate(line, Math.max(1, columns - 1)));
    if (above.length > 0 || cut.length === 0 || this.#wrapped(columns)) this.#erase(columns);
    this.#pending += above.map((line) => `${line}\n`).join("");
    if (cut.length > 0) this.#draw(cut.join("\n"));
    this.#shown = cut;
    this.#flush();
  }

  /** A terminal that became narrower has wrapped the region: more rows are to be erased than were drawn. */
  #erase(columns: number): void {
    if (this.#shown.length === 0) return;
    const more = rowsOf(this.#shown, columns) - this.#shown.length;
    this.#pending += "\x1b[2K\x1b[1A".repeat(more);
    this.#draw.clear();
    this.#shown = [];
  }

  #wrapped(columns: number): boolean {
    return rowsOf(this.#shown, columns) > this.#shown.length;
  }

  #flush(): void {
    if (this.#pending !== "") this.#options.write(SYNCHRONISED.join(this.#pending));
    this.#pending = "";
  }
}

/** Rows that lines take on a terminal of so many columns. */
function rowsOf(lines: readonly string[], columns: number): number {
  return lines.reduce((rows, line) => rows + Math.max(1, Math.ceil(stringWidth(line) / columns)), 0);
}

/** What log-update takes for the terminal. */
class Screen extends Writable {
  readonly #size: () => TerminalSize;

  constructor(size: () => TerminalSize, collect: (text: string) => void) {
    super({
      decodeStrings: false,
      write: (text: string, _encoding, done) => {
        collect(text);
        done();
      },
    });
    this.#size = size;
  }

  get columns(): number {
    return this.#size().columns;
  }

  get rows(): number {
    return this.#size().rows;
  }
}

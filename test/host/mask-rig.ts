import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Writable } from "node:stream";
import { maskFile } from "../../src/guest/secrets.ts";
import { makeDirectory } from "../workspace.ts";

const library = readFileSync(new URL("../../src/host/mask.sh", import.meta.url), "utf8");

export interface Masked {
  readonly status: number | null;
  readonly log: Buffer;
}

/** The host's mask between a pipe and a file, as a guard starts it, in a shell of a host's. */
export interface HostMask {
  /** A piece of the log, once it has been written into the pipe. */
  write(piece: string | Buffer): Promise<void>;
  /** What has come through so far. */
  log(): Buffer;
  end(): Promise<Masked>;
}

export interface MaskOptions {
  readonly shell?: string;
  /** How long what may begin a secret is held, in seconds. */
  readonly hold?: number;
  /** Instead of the right one. */
  readonly document?: string;
}

export function startMask(values: readonly string[], options: MaskOptions = {}): HostMask {
  const { shell = "dash", hold = 60, document = maskDocument(values) } = options;
  const dir = makeDirectory();
  writeFileSync(join(dir, "log"), "");
  const script = `${library}
    mkfifo log.pipe
    cat <&3 >log.pipe 3<&- &
    exec 3<&-
    printf '%s' "$document" | env -i PATH="$PATH" LC_ALL=C perl -e "$mask_filter" log.pipe ${hold} log.read >>log
    status=$?
    # It waits for a reader of the pipe when there was none.
    kill "$!" 2>/dev/null
    exit "$status"`;
  const [program = "sh", ...applet] = shell.split(" ");
  const child = spawn(program, [...applet, "-c", script], {
    cwd: dir,
    env: { PATH: process.env.PATH, document },
    stdio: ["ignore", "inherit", "inherit", "pipe"],
  });
  const input = child.stdio[3] as Writable;
  input.on("error", () => {});
  const ended = new Promise<number | null>((done) => void child.on("close", done));
  const log = () => readFileSync(join(dir, "log"));
  return {
    write: (piece) => new Promise((done) => void input.write(piece, () => done())),
    log,
    async end() {
      input.end();
      return { status: await ended, log: log() };
    },
  };
}

/** As the client sends it. */
export function maskDocument(values: readonly string[]): string {
  const env = Object.fromEntries(values.map((value, index) => [`S${index}`, value]));
  return maskFile({ secrets: Object.keys(env) }, env);
}

import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { makeDirectory } from "../workspace.ts";

/** What hosts have as `sh`: Debian's, and that of small systems. */
export const SHELLS = ["dash", "busybox sh"] as const;

/** What every host program begins with, as in src/remote/programs.ts. */
const COMMON = ["prelude", "lib/words", "lib/descriptors"];

/** For a shell that prefers a busybox's own: a host whose `find` is none of GNU's is refused. */
export const GNU_TOOLS = ["find", "sort", "tar", "xargs"]
  .map((tool) => `${tool}() { /usr/bin/${tool} "$@"; }`)
  .join("\n");

export interface CallOptions {
  /** Stdin; none unless given. */
  readonly input?: string | Buffer;
  /** Parameters of the program, which come before everything else. */
  readonly params?: Readonly<Record<string, string>>;
  /** Shell text between the libraries and the call. */
  readonly before?: string;
  readonly cwd?: string;
  /** Words before the shell's own. */
  readonly under?: readonly string[];
}

export interface Called {
  /** Null when a signal ended the shell, as after 20 s. */
  readonly status: number | null;
  readonly output: Buffer;
  readonly stdout: string;
  readonly stderr: string;
}

/** Calls one function of src/host with arguments, in a shell of its own with these libraries: `callHost("dash", ["lib/json"], ["json_text", 'a"b'])`. */
export function callHost(
  shell: (typeof SHELLS)[number] | "sh",
  libraries: readonly string[],
  call: readonly [name: string, ...args: string[]],
  { input = "", params = {}, before = "", cwd = makeDirectory(), under = [] }: CallOptions = {},
): Called {
  const parts = [...COMMON, ...libraries].map((name) =>
    readFileSync(new URL(`../../src/host/${name}.sh`, import.meta.url), "utf8"),
  );
  const [program = "sh", ...applet] = [...under, ...shell.split(" ")];
  const script = `${parts.join("\n")}\n${before}\n"$@"`;
  const { status, stdout, stderr } = spawnSync(program, [...applet, "-c", script, "sh", ...call], {
    ...{ input, cwd, timeout: 20_000, maxBuffer: 1 << 26 },
    env: { PATH: process.env.PATH, HOME: cwd, ...params },
  });
  return { status, output: stdout, stdout: stdout.toString("utf8"), stderr: stderr.toString("utf8") };
}

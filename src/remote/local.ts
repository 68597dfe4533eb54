import { ProgramKilled } from "../core/errors.ts";
import type { HostSpec } from "../core/project.ts";
import { type Env, type StreamProcess, start } from "../system/exec.ts";
import { ProcessChannel } from "./channel.ts";
import type { Channel, Connection, OpenOptions, Params, ProgramName } from "./connection.ts";
import { commandLine, composeProgram } from "./programs.ts";

/** This machine as a host: the same command line and programs as over ssh. */
export function connectLocal(host: HostSpec, env: Env): Connection {
  const channels = new Set<Channel>();
  return {
    host,
    open: async (program, params, options = {}) => {
      const channel = openLocal(program, params, options, env);
      if (options.outlives !== true) channels.add(channel);
      const forget = () => channels.delete(channel);
      channel.closed.then(forget, forget);
      return channel;
    },
    standBy: () => {},
    isThere: async () => true,
    nixStore: () => ({ url: "auto", env }),
    close: async () => {
      const open = [...channels];
      for (const channel of open) channel.kill();
      await Promise.allSettled(open.map((channel) => channel.closed));
    },
  };
}

function openLocal(program: ProgramName, params: Params, options: OpenOptions, env: Env): ProcessChannel {
  const script = composeProgram(program, params);
  const source = {
    label: `the program \`${program}\` on this machine`,
    spawn: () => start(["sh", "-c", commandLine(script.length)], { env, detached: true }),
    explain: ({ code, stderr }: { code: number | null; stderr: string }) =>
      code === null || code < 0
        ? new ProgramKilled(
            "client",
            `the program \`${program}\` was killed on this machine${stderr.trim() === "" ? "" : `: ${stderr.trim()}`}`,
            {
              hint: "run the command again; the kernel's log says whether memory ran out",
            },
          )
        : null,
    retryAfter: () => null,
    kill: (child: ReturnType<typeof start>) => (options.outlives === true ? letGo(child) : endInput(child)),
  };
  return new ProcessChannel(source, script, options);
}

/** The program itself ends on EOF and cleans up after itself; a signal would keep it from that. */
function endInput(child: StreamProcess): void {
  child.stdin.destroy();
  child.stdout.resume();
}

/** This process may end while the program goes on. */
function letGo(child: StreamProcess): void {
  child.stdin.destroy();
  child.stdout.destroy();
  child.stderr.destroy();
  child.unref();
}

import { closeSync, existsSync, readdirSync, readFileSync } from "node:fs";

const CLOSE_ON_EXEC = 0o2000000;

/**
 * Closes what this process was started with beyond its standard streams, so that no job on this machine gets at it
 * (Node protects the low numbers only). Node's own descriptors close on exec. Nothing to do where there is no /proc.
 */
export function closeInherited(env: Readonly<Record<string, string | undefined>>): void {
  if (!existsSync("/proc/self/fdinfo")) return;
  for (const fd of readdirSync("/proc/self/fd").map(Number)) {
    if (fd > 2 && String(fd) !== env["NODE_CHANNEL_FD"] && isInherited(fd)) closeSync(fd);
  }
}

/** Whether a child would have it too; the descriptor that listed them all is closed by now. */
function isInherited(fd: number): boolean {
  const info = `/proc/self/fdinfo/${fd}`;
  if (!existsSync(info)) return false;
  const flags = /^flags:\s*([0-7]+)$/m.exec(readFileSync(info, "utf8"))?.[1] ?? "0";
  return (Number.parseInt(flags, 8) & CLOSE_ON_EXEC) === 0;
}

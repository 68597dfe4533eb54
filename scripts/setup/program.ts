import { accessSync, constants } from "node:fs";
import { join } from "node:path";

const SYSTEM_DIRS = ["/usr/local/sbin", "/usr/sbin", "/sbin"];

/** Whether a program is on PATH or in the system's own directories, which an ordinary PATH lacks. */
export function isProgram(name: string): boolean {
  const dirs = [...(process.env.PATH ?? "").split(":"), ...SYSTEM_DIRS];
  return dirs.some((dir) => isExecutable(join(dir, name)));
}

export function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

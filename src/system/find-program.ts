import { accessSync, constants, statSync } from "node:fs";
import { isAbsolute, join } from "node:path";

/** Where a program lies on a `PATH`, first hit first; its relative parts, which depend on who asks, are passed over. */
export function findProgram(name: string, path: string): string[] {
  const directories = path.split(":").filter(isAbsolute);
  return name === "" || name.includes("/") ? [] : directories.map((one) => join(one, name)).filter(isProgram);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

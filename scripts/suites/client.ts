import { join } from "node:path";
import { bundle } from "../bundle.ts";
import { ownDirectory } from "./own-directory.ts";

/** Bundles the command line for this process's tests, as it is shipped; gives its file. */
export async function buildClient(): Promise<string> {
  const out = ownDirectory("client");
  await bundle(out);
  return join(out, "cli.cjs");
}

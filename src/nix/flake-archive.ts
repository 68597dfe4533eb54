import * as z from "zod";
import { parseStorePath, type StorePath } from "../core/ids.ts";

const node = z.object({
  path: z.string().nullish(),
  get inputs() {
    return z.record(z.string(), node).optional();
  },
});

/** Every path that `nix flake archive --json` names, each once. Throws ZodError. */
export function parseArchive(value: unknown): StorePath[] {
  return [...new Set(pathsOf(node.parse(value)))];
}

/** Since 2.24, an input that lies inside its parent has no path of its own. */
function pathsOf({ path, inputs = {} }: z.infer<typeof node>): StorePath[] {
  const own =
    typeof path === "string" ? [parseStorePath(path.replace(/^(\/nix\/store\/[^/]+)\/.*$/, "$1"))] : [];
  return [...own, ...Object.values(inputs).flatMap(pathsOf)];
}

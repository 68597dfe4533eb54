import { readFileSync } from "node:fs";

/** The version in this package's `package.json`, which lies beside the sources as well as beside the bundle. */
export function version(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
  if (typeof manifest === "object" && manifest !== null && "version" in manifest)
    return String(manifest.version);
  throw new Error("pikaci's package.json has no version");
}

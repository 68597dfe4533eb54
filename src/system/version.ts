import { readFileSync } from "node:fs";
import { packageFile } from "./package-files.ts";

/** The version in this package's `package.json`. */
export function version(): string {
  const manifest: unknown = JSON.parse(readFileSync(packageFile("package.json"), "utf8"));
  if (typeof manifest === "object" && manifest !== null && "version" in manifest)
    return String(manifest.version);
  throw new Error("pikaci's package.json has no version");
}

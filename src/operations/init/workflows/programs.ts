import type { ProjectFiles } from "../files.ts";
import { needsModules } from "../parts/go.ts";
import { needsCrates } from "../parts/rust.ts";

/** What is prepared for a program, by its name there. */
export const PREPARED: Readonly<Record<string, string>> = {
  cargo: "rust",
  npm: "node",
  npx: "node",
  python3: "python",
};

const KNOWN =
  "cargo|go|node|npm|npx|pnpm|yarn|bun|python3?|uv|java|mvn|gradle|cmake|ctest|meson|ninja|make|just|task|nix";
const COMMAND = new RegExp(`(?:^|[;&|(])\\s*(?:[A-Za-z_]\\w*=\\S*\\s+)*(${KNOWN})(?=\\s|$)`, "gm");

/** Programs that a guest may lack, where a command begins. */
export function programsIn(text: string): string[] {
  return [...text.matchAll(COMMAND)].map(([, program = ""]) => program);
}

const FETCHES =
  /\b(?:npm (?:ci|i|install)|npx|pnpm (?:i|install)|yarn install|bun install|pip3? install|uv (?:sync|run|pip)|cargo (?:fetch|install)|go (?:mod download|get|install)|curl|wget|git clone|mvn|gradlew?|mvnw|nix)\b/;

/** Whether commands fetch something, as far as their text shows. */
export function needsNetwork(text: string, files: ProjectFiles): boolean {
  const programs = programsIn(text);
  return (
    FETCHES.test(text) ||
    (programs.includes("cargo") && needsCrates(files)) ||
    (programs.includes("go") && needsModules(files))
  );
}

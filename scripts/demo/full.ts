import { execFileSync, spawnSync } from "node:child_process";

/** Shows a command as a person would type it, runs it on this terminal, and gives its exit code. */
function pikaci(...words: string[]): number {
  console.log(`\n$ pikaci ${words.join(" ")}`);
  return spawnSync(process.execPath, ["dist/cli.cjs", ...words], { stdio: "inherit" }).status ?? 3;
}

/** pikaci's own type check and all its unit tests, of this very tree; gives the exit code. */
export function fullDemo(on: readonly string[]): number {
  execFileSync("npm", ["run", "--silent", "build"], { stdio: "inherit" });
  const steps = [["snapshot"], ["plan", ...on], ["run", ...on], ["status", "latest"]];
  const codes = steps.map((step) => pikaci(...step));
  console.log(`
Look further:
  npx pikaci logs latest --job unit       what the unit tests printed in their guest
  npx pikaci run                          again: nothing is uploaded, evaluated or built
  npx pikaci run --on ssh://HOST          the same on a machine of yours`);
  return Math.max(...codes);
}

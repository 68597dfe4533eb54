import { spawnSync } from "node:child_process";
import { parseArgs } from "node:util";
import { ensurePackages, SetupError } from "./setup/ensure.ts";
import { isCommand, packagesFor } from "./setup/packages.ts";

const HELP = `npx tsx scripts/test-with.ts COMMAND FILE...

Runs test files that need Debian packages which \`npm test\` does not install; installs those that are missing of
the command's in scripts/setup/packages.ts.
\`npm run test:browser\`: reports in headless Chromium; PIKACI_SCREENSHOTS=DIR keeps pictures there, to look at.
\`npm run test:fresh\`: README's tests on a machine that has nothing, where the lab's hosts are built, too.
\`npm run test:storm\`: clients that publish to one host at once, in ten times as many rounds as \`npm test\`.
\`npm run test:versions\`: the lab's newer versions of Nix and git as the client's.
\`npm run test:toolchains\`: what \`pikaci init\` writes for small projects of Debian's toolchains, and that it runs.
\`npm run test:shells\`: completion in zsh and fish, the manual through mandoc.
\`npm run test:packages\`: what hosts say of their packages, with databases that rpm and pacman write.
\`npm run test:examples\`: the examples that need a toolchain in /usr: Node, Python, C, Go, Rust, PostgreSQL, Redis.`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { help: { type: "boolean", short: "h" } },
});
const [command = "", ...files] = positionals;
if (!isCommand(command) || files.length === 0) {
  console.log(HELP);
  process.exitCode = values.help ? 0 : 2;
} else {
  try {
    ensurePackages(packagesFor(command), console.log);
    for (const file of files) {
      const { status } = spawnSync(process.execPath, ["--import", "tsx", file], { stdio: "inherit" });
      if (status !== 0) process.exitCode = status ?? 1;
    }
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    console.log(error.message);
    process.exitCode = 1;
  }
}

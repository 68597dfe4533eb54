import { writeFileSync } from "node:fs";
import { setFlagsFromString } from "node:v8";
import { compileBundle, compiledBytes, compiledFile, startBundle } from "../src/system/compiled.ts";

/** Commands that call much of what every command calls, and that succeed in a project without git or runs. */
const COMMANDS = [["--version"], ["--help"], ["plan"], ["list"], ["snapshot"]];

/**
 * Runs the commands one after another, each when nothing of the one before is left to do, then keeps what V8 compiled of
 * the program. What they don't call is compiled when it is called.
 */
function warm(program: string): void {
  const script = compileBundle(program);
  const left = [...COMMANDS];
  setFlagsFromString("--no-flush-bytecode");
  process.on("beforeExit", () => {
    if (process.exitCode !== undefined && process.exitCode !== 0)
      throw new Error(`exit code ${process.exitCode} before \`pikaci ${left[0]?.join(" ") ?? "…"}\``);
    const command = left.shift();
    if (command === undefined) {
      // The flags are part of what V8 compares: as at every start.
      setFlagsFromString("--flush-bytecode");
      writeFileSync(compiledFile(program), compiledBytes(program, script));
      process.exit();
    }
    process.exitCode = undefined;
    process.argv = [process.execPath, program, ...command];
    startBundle(program, script);
    setImmediate(() => {}); // something to do, so that this is called again even if the command had nothing to wait for
  });
}

warm(process.argv[2] ?? "");

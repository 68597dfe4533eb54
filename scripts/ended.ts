import { PikaciError } from "../src/core/errors.ts";

/** Says on stderr why a script ends, and with which exit code it will. */
export function fail(message: string, exitCode: number): void {
  console.error(message);
  process.exitCode = exitCode;
}

/** Tells an error that can be expected, also one of the script's own words, for which `help` says what they may be. */
export function failWith(error: unknown, help: string): void {
  if (error instanceof PikaciError)
    fail(`error: ${error.message}\nhint: ${error.hint ?? "-"}`, error.exitCode);
  else if (error instanceof TypeError && "code" in error) fail(`error: ${error.message}\n\n${help}`, 2);
  else throw error;
}

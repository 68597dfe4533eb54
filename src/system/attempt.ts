import { InfraError } from "../core/errors.ts";
import { codeOf } from "./error-code.ts";

/** Does what can be done without; gives what this machine's disk refused. */
export function attempt<T>(action: () => T): T | InfraError {
  try {
    return action();
  } catch (error) {
    if (error instanceof InfraError) return error;
    const code = codeOf(error);
    if (code === null) throw error;
    return new InfraError("client", `cannot write the cache: ${code}`, { cause: error });
  }
}

import { ConfigError } from "../core/errors.ts";

/** What a checked parser says against a value; null when it takes it. */
export function complaint(parse: () => unknown): string | null {
  try {
    parse();
    return null;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return `${error.message}; ${error.hint}`;
  }
}

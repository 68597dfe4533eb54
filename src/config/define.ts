import type { ConfigInput } from "./schema.ts";

/** Types a configuration: `export default defineConfig({ jobs: { … } })`. Checks nothing at run time. */
export function defineConfig(config: ConfigInput): ConfigInput {
  return config;
}

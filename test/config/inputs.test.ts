import { test } from "uvu";
import * as assert from "uvu/assert";
import { checkInputs } from "../../src/config/inputs.ts";
import { parseConfig } from "../../src/config/load.ts";
import { toPath } from "../../src/core/byte-path.ts";
import { ConfigError } from "../../src/core/errors.ts";
import { blake3Hex } from "../../src/system/blake3.ts";

const file = (name: string) => ({
  path: toPath(name),
  type: "file" as const,
  size: 0,
  stat: "",
  digest: blake3Hex(Buffer.alloc(0)),
});
const snapshot = { entries: ["src/a.ts", "Cargo.toml"].map(file) };
const job = (inputs: readonly string[]) =>
  Object.values(parseConfig({ jobs: { unit: { command: "true", inputs } } }, "/w", null).jobs);

test("inputs that match pass", () => {
  checkInputs(job(["src/**", "*.toml"]), snapshot);
  checkInputs(job([]), snapshot);
});

test("each that matches nothing is named, also beside one that does", () => {
  assert.throws(
    () => checkInputs(job(["scr/**", "*.toml", "*.lock"]), snapshot),
    (error: unknown) =>
      error instanceof ConfigError &&
      /jobs\.unit\.inputs: "scr\/\*\*" matches no file/.test(error.message) &&
      /"\*\.lock" matches no file/.test(error.message) &&
      !/toml/.test(error.message),
  );
});

test.run();

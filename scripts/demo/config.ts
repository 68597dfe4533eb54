import { join } from "node:path";
import base from "../../pikaci.config.ts";
import { defineConfig } from "../../src/config/define.ts";
import { ROOT } from "../bundle.ts";

/** Of the unit tests, those whose path contains one of these: quick, and without needs. */
const TESTS = [
  "test/tree/manifest",
  "test/tree/globs",
  "test/core",
  "test/remote/requirements",
  "test/remote/frames",
];

/** Says one line, or all that the tests said when they failed. */
const COMMAND = [
  `node --import tsx scripts/test.ts --unit ${TESTS.join(" ")} >/tmp/tests.txt || { cat /tmp/tests.txt; exit 1; }`,
  "tail -n 1 /tmp/tests.txt",
].join("\n");

const SOURCES = ["src/**", "test/**", "scripts/**", "*.ts", "*.json"];

/**
 * This repository's own configuration with a part of its tests, for a copy of the tree that has no node_modules. The
 * tests do not depend on `examples`; the type check does.
 */
export function demoConfig(workDir: string) {
  const { typecheck, unit } = base.jobs;
  if (typecheck === undefined || unit === undefined) throw new Error("pikaci.config.ts has other jobs");
  const prepare = { ...unit.prepare, node_modules: { path: join(ROOT, "node_modules"), at: "node_modules" } };
  return defineConfig({
    project: "pikaci",
    hosts: { local: { url: "local", workDir } },
    jobs: {
      typecheck: { ...typecheck, prepare, inputs: [...SOURCES, "examples/**"] },
      tests: {
        ...unit,
        ...{ prepare, command: COMMAND, inputs: [...SOURCES, "nix/**", "schema/**"] },
        description: "A part of the unit tests, without network",
      },
    },
  });
}

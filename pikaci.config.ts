import { existsSync } from "node:fs";
import { defineConfig } from "./src/config/define.ts";

// Where this machine has no /usr/bin/node (Nix, nvm), its own goes along as a prepared client path. A host without Node
// in its /usr takes it too: PIKACI_PREPARE_NODE=1.
const ownNode = process.env.PIKACI_PREPARE_NODE === "1" || !existsSync("/usr/bin/node");

export default defineConfig({
  project: "pikaci",
  jobs: {
    typecheck: {
      description: "The type check, without network",
      command: "node node_modules/typescript/bin/tsc",
      workspace: "private",
      prepare: prepared(),
      env: path(),
      timeout: "10m",
    },
    unit: {
      description: "The unit tests, without network",
      command: [
        "{ node --import tsx scripts/test.ts --unit test/; echo $? >/tmp/status; } | tee /artifacts/unit.txt",
        "exit $(cat /tmp/status)",
      ].join("\n"),
      workspace: "private",
      prepare: prepared(),
      env: path(),
      timeout: "20m",
    },
  },
  targets: {
    check: { description: "Type check and unit tests of pikaci itself", jobs: ["typecheck", "unit"] },
  },
  defaultTarget: "check",
});

function prepared() {
  return {
    node_modules: { path: "node_modules", at: "node_modules" },
    ...(ownNode ? { node: { path: process.execPath } } : {}),
  };
}

function path(): Record<string, string> {
  return ownNode ? { PATH: "/prepared:/usr/local/bin:/usr/bin:/bin" } : {};
}

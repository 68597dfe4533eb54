import { join } from "node:path";
import { hashTree } from "../../src/tree/hashing/hash-tree.ts";
import { snapshot } from "../../src/tree/snapshot.ts";

/** Bundled and run by hashing.ts: a cold hash of a tree; prints the milliseconds of the hash stage and memory in MB. */
const [workspace = "", stateDir = join(workspace, ".pikaci")] = process.argv.slice(2);
const context = {
  emit: () => {},
  signal: new AbortController().signal,
  clock: () => new Date(),
  author: "trusted" as const,
  env: process.env,
  workspace,
  stateDir,
  memory: { directory: null, workspaceId: "", key: Buffer.alloc(0) },
};
const filters = { include: [], exclude: [], maxFileSize: Number.MAX_SAFE_INTEGER };
const { entries } = await snapshot({ workspace, filters }, context);
const before = process.cpuUsage();
const started = performance.now();
await hashTree({ root: workspace, about: workspace }, entries, context, { cache: "none" });
const wall = performance.now() - started;
const { user, system } = process.cpuUsage(before);
const maxRssMb = Math.round(process.resourceUsage().maxRSS / 1024);
console.log(JSON.stringify({ hash: { wall, cpu: (user + system) / 1000 }, maxRssMb }));

// Begins to watch the directory that is named, and prints how far that came.
import { join } from "node:path";
import { excludeRule } from "../../../src/tree/filters.ts";
import { TreeWatcher } from "../../../src/tree/watching/tree-watcher.ts";

const [root = "."] = process.argv.slice(2);
const excluded = excludeRule({ include: [], exclude: ["build", "left", "nested"] });
const nothing = () => {};
const fail = (error: unknown) => {
  throw error;
};
const watcher = new TreeWatcher(
  { root, tree: null, excluded, known: new Set(), ignored: new Set() },
  { onFirst: nothing, onQuiet: nothing, onError: fail },
  { env: process.env, signal: new AbortController().signal },
);
void watcher.begin([{ directory: join(root, ".git"), names: ["HEAD"], rules: false }]).then(() => {
  process.stdout.write(JSON.stringify({ directories: watcher.directories, isFull: watcher.isFull }));
  watcher.close();
});

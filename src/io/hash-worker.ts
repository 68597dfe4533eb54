import { parentPort } from "node:worker_threads";
import { SnapshotRefused } from "../errors.ts";
import { hashFiles } from "./hash-files.ts";
import { type HashReply, type HashRequest, packReply } from "./hash-messages.ts";

parentPort?.on("message", ({ root, entries }: HashRequest) => parentPort?.postMessage(reply(root, entries)));

/** Errors lose their class between threads: the expected one travels as data. */
function reply(root: string, entries: HashRequest["entries"]): HashReply {
  try {
    return packReply(entries, hashFiles(root, entries));
  } catch (error) {
    if (!(error instanceof SnapshotRefused)) throw error;
    return { kind: "refused", message: error.message, hint: error.hint };
  }
}

import { parentPort } from "node:worker_threads";
import { SnapshotRefused } from "../errors.ts";
import { hashFiles } from "./hash-files.ts";
import { type HashReply, type HashRequest, packReply } from "./hash-messages.ts";

parentPort?.on("message", (request: HashRequest) => parentPort?.postMessage(reply(request)));

/** Errors lose their class between threads: the expected one travels as data. */
function reply({ root, entries, keepModes }: HashRequest): HashReply {
  try {
    return packReply(entries, hashFiles(root, entries, keepModes));
  } catch (error) {
    if (!(error instanceof SnapshotRefused)) throw error;
    return { kind: "refused", message: error.message, hint: error.hint };
  }
}

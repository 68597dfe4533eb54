import { parentPort } from "node:worker_threads";
import { SnapshotRefused } from "../../core/errors.ts";
import { hashFiles } from "./hash-files.ts";
import { type HashReply, type HashRequest, packReply, unpackRequest } from "./hash-messages.ts";

parentPort?.on("message", (request: HashRequest) => parentPort?.postMessage(reply(request)));

/** Errors lose their class between threads: the expected one travels as data. */
function reply(request: HashRequest): HashReply {
  try {
    const entries = unpackRequest(request);
    return packReply(entries, hashFiles(request, entries));
  } catch (error) {
    if (!(error instanceof SnapshotRefused)) throw error;
    return { kind: "refused", message: error.message, hint: error.hint };
  }
}

import { parentPort } from "node:worker_threads";
import { answer, type HashRequest } from "./hash-messages.ts";

parentPort?.on("message", (request: HashRequest) => parentPort?.postMessage(answer(request)));

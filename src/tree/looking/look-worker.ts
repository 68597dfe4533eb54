import { workerData } from "node:worker_threads";
import { type LookTask, lookingAt } from "./look-task.ts";

const task: LookTask = workerData;
const lookOn = lookingAt(task);
while (lookOn());

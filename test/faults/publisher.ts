import { type ChildProcess, spawn } from "node:child_process";
import { childWords } from "../../scripts/suites/children.ts";
import type { ClientReport, ClientRequest } from "./client.ts";

const CLIENT = childWords("test/faults/client.ts");

/** The publisher as a process of its own. */
export interface Publisher {
  /** Resolves when it says that it is at its step; rejects when it ends before. */
  readonly atStep: Promise<void>;
  /** Its report; null when it was killed. */
  readonly ended: Promise<ClientReport | null>;
  signal(name: "SIGKILL" | "SIGSTOP"): void;
  /** Lets it go on from its step. */
  go(): void;
}

export function startPublisher(
  request: ClientRequest,
  env: Readonly<Record<string, string | undefined>>,
): Publisher {
  const child = spawn(process.execPath, [...CLIENT, JSON.stringify(request)], {
    env: { ...env },
    stdio: ["pipe", "pipe", "pipe"],
  });
  child.stdin.on("error", () => {});
  const output = { stdout: "", stderr: "" };
  child.stderr.on("data", (data) => {
    output.stderr += data;
  });
  const atStep = new Promise<void>((resolve, reject) => {
    child.stdout.on("data", (data) => {
      output.stdout += data;
      if (output.stdout.startsWith("at\n")) resolve();
    });
    child.on("close", () =>
      reject(new Error(`the publisher ended before its step: ${JSON.stringify(output)}`)),
    );
  });
  atStep.catch(() => {});
  return {
    atStep,
    ended: ending(child, output),
    signal: (name) => void child.kill(name),
    go: () => void child.stdin.write("go\n"),
  };
}

function ending(
  child: ChildProcess,
  output: { readonly stdout: string; readonly stderr: string },
): Promise<ClientReport | null> {
  return new Promise((resolve) => {
    child.on("close", (_, signal) => {
      if (signal !== null) return resolve(null);
      const last = output.stdout.trim().split("\n").at(-1) ?? "";
      if (last.startsWith("{")) return resolve(JSON.parse(last) as ClientReport);
      resolve({ ending: "crash", message: output.stderr, hint: null });
    });
  });
}

import { existsSync } from "node:fs";
import { join } from "node:path";
import { setImmediate as others } from "node:timers/promises";
import { deflateRawSync } from "node:zlib";
import { InfraError } from "../core/errors.ts";
import { type Env, start } from "../system/exec.ts";

/** Whether a program of this name is on the PATH. */
export function isOnPath(program: string, env: Env): boolean {
  return (env.PATH ?? "").split(":").some((dir) => dir !== "" && existsSync(join(dir, program)));
}

/** Whether bytes become noticeably fewer when compressed. */
export function isCompressible(sample: Buffer): boolean {
  return sample.length > 0 && deflateRawSync(sample, { level: 1 }).length < sample.length * 0.8;
}

/** The bytes compressed by `zstd`. What `parts` throws is thrown here, before the stream is whole. */
export async function* zstd(parts: Iterable<Buffer>, env: Env): AsyncGenerator<Buffer, void, undefined> {
  const child = start(["zstd", "-q", "-c", "-1"], { env });
  child.stdin.on("error", () => {});
  child.stderr.resume();
  const exited = new Promise<number | null>((resolve) => {
    child.on("error", () => resolve(null)).on("close", resolve);
  });
  let failure: { readonly error: unknown } | null = null;
  const fed = feed(parts, child.stdin).catch((error: unknown) => {
    failure = { error };
    child.kill("SIGKILL");
  });
  try {
    for await (const chunk of child.stdout) yield chunk;
    await fed;
    const code = await exited;
    if (failure !== null) throw (failure as { readonly error: unknown }).error;
    if (code !== 0) throw ended(code);
  } finally {
    child.kill("SIGKILL");
  }
}

async function feed(parts: Iterable<Buffer>, stdin: NodeJS.WritableStream): Promise<void> {
  for (const part of parts) {
    if (!stdin.writable) return;
    if (part.length === 0) await others();
    else if (!stdin.write(part)) await drained(stdin);
  }
  stdin.end();
}

function drained(stdin: NodeJS.WritableStream): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      stdin.off("drain", done).off("close", done);
      resolve();
    };
    stdin.on("drain", done).on("close", done);
  });
}

function ended(code: number | null): InfraError {
  return new InfraError("client", `\`zstd\` on this machine ended with ${code ?? "a signal"}`, {
    hint: "check that `zstd --version` works; without it on the PATH, uploads are not compressed",
  });
}

import { execFileSync } from "node:child_process";

/**
 * Root may read everything: its rights go once all is loaded, the native hash included, because a checkout in root's home
 * is closed to others.
 */
const DROP = `
  const { blake3Hex } = await import("./src/system/blake3.ts");
  blake3Hex(Buffer.alloc(0));
  if (process.getuid?.() === 0) {
    process.setgroups([]);
    process.setgid(65534);
    process.setuid(65534);
  }
  const context = { emit() {}, signal: new AbortController().signal, clock: () => new Date(), author: "trusted",
    workspace: "/x", stateDir: "/x/.pikaci", memory: { directory: null, workspaceId: "0".repeat(64), key: Buffer.alloc(32) },
    env: { PATH: process.env.PATH, GIT_CONFIG_COUNT: "1", GIT_CONFIG_KEY_0: "safe.directory", GIT_CONFIG_VALUE_0: "*" } };`;

/** Runs statements, with `context` in scope, as an account without rights over others' files; gives what they print. */
export function asNobody(imports: string, statements: string): string {
  const script = [imports, DROP, statements].join("\n");
  const words = ["--import", "tsx", "--input-type=module", "--eval", script];
  return execFileSync(process.execPath, words, {
    encoding: "utf8",
    env: { PATH: process.env.PATH, HOME: "/nonexistent" },
  });
}

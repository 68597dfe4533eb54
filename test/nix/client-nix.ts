import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { KINDS } from "../lab/kind.ts";
import type { HostKind } from "../lab/lab.ts";
import { cachedRoot } from "../lab/root.ts";

/** The Nix of a lab's root file system as a client's, with a store of its own: this machine's is not touched. */
export interface ClientNix {
  /** Words before a command: it and its children see that store at /nix. */
  readonly prefix: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  remove(): void;
}

export async function openClientNix(kind: HostKind): Promise<ClientNix> {
  const root = await cachedRoot(KINDS[kind].suite);
  const dir = mkdtempSync(join(tmpdir(), "pikaci-client-nix-"));
  const [bin, store] = [join(dir, "bin"), join(dir, "nix")];
  mkdirSync(bin);
  mkdirSync(store);
  for (const name of ["nix", "nix-store", "nix-instantiate"]) {
    const loader = `${root}/usr/lib64/ld-linux-x86-64.so.2 --argv0 ${name}`;
    const libraries = `--library-path ${root}/usr/lib/x86_64-linux-gnu`;
    writeFileSync(join(bin, name), `#!/bin/sh\nexec ${loader} ${libraries} ${root}/usr/bin/nix "$@"\n`);
    chmodSync(join(bin, name), 0o755);
  }
  const mount = `mount --bind "$0" /nix && exec "$@"`;
  return {
    prefix: ["unshare", "--mount", "sh", "-c", mount, store],
    env: {
      PATH: `${bin}:${process.env.PATH}`,
      // Debian's Nix has a shell for sandboxes that is not on this machine.
      NIX_CONFIG: "sandbox = false\nsubstitute = false",
      XDG_CACHE_HOME: join(dir, "cache"),
    },
    remove: () => rmSync(dir, { recursive: true, force: true }),
  };
}

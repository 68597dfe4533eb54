import { generateKeyPairSync } from "node:crypto";
import { writeFileSync } from "node:fs";

/** A key that signs store paths, in Nix's format. */
export interface StoreKey {
  /** For `trusted-public-keys`. */
  readonly publicKey: string;
  /** For `nix store sign --key-file`. */
  readonly secretFile: string;
}

/** Makes an ed25519 pair; the secret half goes to `secretFile`. */
export function makeStoreKey(name: string, secretFile: string): StoreKey {
  const jwk = generateKeyPairSync("ed25519").privateKey.export({ format: "jwk" });
  const [seed, point] = [jwk.d, jwk.x].map((part) => Buffer.from(part ?? "", "base64url"));
  const secret = Buffer.concat([seed ?? Buffer.alloc(0), point ?? Buffer.alloc(0)]);
  writeFileSync(secretFile, `${name}:${secret.toString("base64")}`, { mode: 0o600 });
  return { publicKey: `${name}:${point?.toString("base64")}`, secretFile };
}

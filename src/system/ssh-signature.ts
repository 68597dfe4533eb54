import { createHash } from "node:crypto";

const MAGIC = "SSHSIG";
const BEGIN = "-----BEGIN SSH SIGNATURE-----";
const END = "-----END SSH SIGNATURE-----";

/** What an SSH signature (OpenSSH's PROTOCOL.sshsig) says of itself; nobody has checked it. */
interface SshSignature {
  /** `SHA256:…`, as `ssh-keygen -l` prints it. */
  readonly fingerprint: string;
  readonly namespace: string;
}

/** The bytes of a signature as `ssh-keygen -Y sign` prints it; null for any other text. */
export function unarmor(text: string): Buffer | null {
  const lines = text.trim().split(/\r?\n/);
  if (lines[0] !== BEGIN || lines.at(-1) !== END) return null;
  return Buffer.from(lines.slice(1, -1).join(""), "base64");
}

/** The text that `ssh-keygen -Y verify` reads. */
export function armor(signature: Buffer): string {
  const lines = signature.toString("base64").match(/.{1,70}/g) ?? [];
  return [BEGIN, ...lines, END, ""].join("\n");
}

/** Reads the fields that name key and purpose; null for bytes that are no SSH signature. */
export function readSignature(signature: Buffer): SshSignature | null {
  if (signature.toString("latin1", 0, MAGIC.length) !== MAGIC) return null;
  const key = lengthPrefixed(signature, MAGIC.length + 4);
  const namespace = key === null ? null : lengthPrefixed(signature, key.end);
  if (key === null || namespace === null) return null;
  const hash = createHash("sha256").update(key.bytes).digest("base64").replace(/=+$/, "");
  return { fingerprint: `SHA256:${hash}`, namespace: namespace.bytes.toString("utf8") };
}

function lengthPrefixed(data: Buffer, at: number): { readonly bytes: Buffer; readonly end: number } | null {
  if (at + 4 > data.length) return null;
  const start = at + 4;
  const end = start + data.readUInt32BE(at);
  return end > data.length ? null : { bytes: data.subarray(start, end), end };
}

import type { BytePath } from "../../core/byte-path.ts";
import type { ContentFinding, GuardRule } from "../../core/guard-rules.ts";
import { longRuns } from "./runs.ts";
import { awsKey, tokenRule } from "./tokens.ts";

/** The guards read only text files (no NUL in the first 8,000 bytes) of at most this many bytes: 256 KiB. */
export const CONTENT_LIMIT = 256 << 10;
const TEXT_HEAD = 8000;

/** A PEM header with key material after it, also on one line with `\n` in it, or in strings of a program. */
const pem =
  /-----BEGIN (?:[0-9A-Z]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----(?:\\[nr]|[\s"'`+,>|\\])*(?:[A-Z][A-Za-z-]+: [^\n\\]{0,100}(?:\\[nr]|[\s"'`+,>|\\])+)*[0-9A-Za-z+/]{20}/;
const marker = Buffer.from("PRIVATE KEY");

/** Files of known tools, by the end of the path, and how they contain secrets. A variable such as `${NPM_TOKEN}` is not one. */
const tools: readonly (readonly [GuardRule, path: RegExp, content: RegExp])[] = [
  ["registry-token", /(?:^|\/)\.npmrc$/, /(?<![^\s:])_(?:authToken|auth|password)\s*=\s*["']?[^\s"'$]{8}/],
  ["registry-token", /(?:^|\/)\.yarnrc\.yml$/, /npmAuth(?:Token|Ident):\s*["']?[^\s"'$]{8}/],
  ["registry-token", /(?:^|\/)\.pypirc$/, /^[ \t]*password\s*[:=]\s*[^\s$%{]{8}/m],
  [
    "registry-token",
    /(?:^|\/)(?:\.docker\/config\.json|\.dockerconfigjson|\.dockercfg)$/,
    /"auth"\s*:\s*"[^"$]{8}/,
  ],
  [
    "kubeconfig",
    /(?:^|\/)(?:\.kube\/config|[^/]*kubeconfig[^/]*)$/,
    /^[ \t-]*(?:token|password|client-key-data):\s*["']?[0-9A-Za-z+/=._-]{16}/m,
  ],
];
const anyTool = /(?:rc|\.yml|\.json|configjson|cfg|\/config|kubeconfig[^/]*)$/;

const NONE: readonly ContentFinding[] = [];
const LFS: readonly ContentFinding[] = [{ rule: "lfs-pointer", line: 1 }];

const lfsHead = Buffer.from("version https://git-lfs.github.com/spec/v");
/** Git LFS pointers are shorter, by their specification. */
const LFS_LIMIT = 1024;

function isLfsPointer(buffer: Buffer, size: number): boolean {
  const could = buffer[0] === lfsHead[0] && size >= lfsHead.length && size < LFS_LIMIT;
  return could && buffer.subarray(0, lfsHead.length).equals(lfsHead);
}

/**
 * The rules that a file breaks, each once; its content is the first `size` bytes of the buffer. None for a file that is not
 * text or is too large.
 */
export function contentFindings(
  path: BytePath,
  buffer: Buffer,
  size = buffer.length,
): readonly ContentFinding[] {
  if (size > CONTENT_LIMIT) return NONE;
  if (isLfsPointer(buffer, size)) return LFS;
  const runs = longRuns(buffer, size);
  const files = anyTool.test(path) ? tools : [];
  return runs.length === 0 && files.length === 0
    ? NONE
    : suspected(path, buffer.subarray(0, size), runs, files);
}

function suspected(
  path: BytePath,
  bytes: Buffer,
  runs: readonly number[],
  files: typeof tools,
): readonly ContentFinding[] {
  if (bytes.subarray(0, TEXT_HEAD).includes(0)) return NONE;
  const hits = new Map<GuardRule, number>();
  const hit = (rule: GuardRule, offset: number) => {
    if (offset >= 0 && !hits.has(rule)) hits.set(rule, offset);
  };
  tokens(bytes, runs, hit);
  if (runs.length > 0 && bytes.includes(marker)) hit("private-key", find(pem, bytes));
  for (const [rule, name, content] of files) if (name.test(path)) hit(rule, find(content, bytes));
  return hits.size === 0 ? NONE : [...hits].map(([rule, offset]) => ({ rule, line: lineAt(bytes, offset) }));
}

function tokens(
  bytes: Buffer,
  runs: readonly number[],
  hit: (rule: GuardRule, offset: number) => void,
): void {
  for (let index = 0; index < runs.length; index += 2) {
    const start = runs[index] ?? 0;
    const rule = tokenRule(
      bytes.toString("latin1", start, Math.min(runs[index + 1] ?? 0, start + RUN_LIMIT)),
    );
    if (rule === "aws-key") hit(rule, awsKey(bytes.toString("latin1")));
    else if (rule !== null) hit(rule, start);
  }
}

/** No token is longer, but a run may be a whole encoded file. */
const RUN_LIMIT = 4096;

function find(pattern: RegExp, bytes: Buffer): number {
  return pattern.exec(bytes.toString("latin1"))?.index ?? -1;
}

function lineAt(bytes: Buffer, offset: number): number {
  let line = 1;
  for (let at = bytes.indexOf(0x0a); at >= 0 && at < offset; at = bytes.indexOf(0x0a, at + 1)) line += 1;
  return line;
}

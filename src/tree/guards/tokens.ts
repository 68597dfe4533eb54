import type { GuardRule } from "../../core/guard-rules.ts";

interface TokenFormat {
  readonly rule: GuardRule;
  /** The first group is the body, which must look random. */
  readonly pattern: RegExp;
}

const before = "(?<![0-9A-Za-z])";
const after = "(?![0-9A-Za-z])";
const format = (rule: GuardRule, text: string): TokenFormat => ({
  rule,
  pattern: new RegExp(`${before}${text}${after}`),
});

/** Tokens of letters, digits, `_` and `-`, by the prefixes that the services document. */
const formats: readonly TokenFormat[] = [
  format("github-token", "gh[pousr]_([0-9A-Za-z]{36,255})"),
  format("github-token", "github_pat_([0-9A-Za-z]{22}_[0-9A-Za-z]{59})"),
  format("gitlab-token", "gl(?:pat|dt|rt|ptt|oas|ft|soat|agent|cbt)-([0-9A-Za-z_-]{20,300})"),
  format("slack-token", "xox[abeoprs]-((?:[0-9]+-)+[0-9A-Za-z]{10,})"),
  format("npm-token", "npm_([0-9A-Za-z]{36})"),
  format("pypi-token", "pypi-(AgE[0-9A-Za-z_-]{50,1000})"),
  format("docker-token", "dckr_[op]at_([0-9A-Za-z_-]{27,60})"),
  format("google-api-key", "AIza([0-9A-Za-z_-]{35})"),
  format("stripe-key", "[rs]k_live_([0-9A-Za-z]{24,255})"),
  format("openai-key", "sk-(?:proj|svcacct|admin)-([0-9A-Za-z_-]{40,255})"),
  format("openai-key", "sk-([0-9A-Za-z]{20}T3BlbkFJ[0-9A-Za-z]{20})"),
  format("anthropic-key", "sk-ant-[a-z]+[0-9]+-([0-9A-Za-z_-]{80,120})"),
  format("huggingface-token", "hf_([A-Za-z]{34})"),
];

/** Base64 of `-----BEGIN … PRIVATE KEY`, as Kubernetes and CI variables hold keys. */
const encodedKey =
  /LS0tLS1CRUdJTi(?:BQUklWQVRFIEtFWS|BSU0EgUFJJVkFURSBLRVkt|BFQyBQUklWQVRFIEtFWS|BPUEVOU1NIIFBSSVZBVEUgS0VZ|BFTkNSWVBURUQgUFJJVkFURSBLRVkt)/;

/** A quick test that nearly every run fails. */
const suspicious =
  /A[KS]IA|gh[pousr]_|github_pat_|gl[a-z]{2,5}-|xox[a-s]-|npm_|pypi-|dckr_|AIza|k_live_|sk-|hf_|LS0t/;

/** The id of an access key. Alone it is no secret; the secret half must be near. */
const accessKeyId = /(?<![0-9A-Za-z])(?:AKIA|ASIA)[2-7A-Z]{16}(?![0-9A-Za-z])/;

/** The rule that a run of token characters breaks (`aws-key` only perhaps: see `awsKey`); null for nearly all. */
export function tokenRule(run: string): GuardRule | null {
  if (!suspicious.test(run)) return null;
  if (encodedKey.test(run)) return "private-key";
  const found = formats.find(({ pattern }) => looksRandom(pattern.exec(run)?.[1]));
  return found?.rule ?? (accessKeyId.test(run) ? "aws-key" : null);
}

/** Whether text looks random, unlike the placeholders of manuals: `xxxxxxxx`, `abcdefgh`, `YOUR_TOKEN`. */
function looksRandom(text: string | undefined): boolean {
  if (text === undefined || new Set(text).size < 10) return false;
  const classes = [/[a-z]/, /[A-Z]/, /[0-9]/].filter((kind) => kind.test(text)).length;
  const pairs = [...text].slice(1);
  const steps = pairs.filter((next, index) => Math.abs(next.charCodeAt(0) - text.charCodeAt(index)) <= 1);
  return (
    classes > 1 && steps.length < text.length / 3 && !/example|dummy|placeholder|redacted|your/i.test(text)
  );
}

/** The position of an AWS access key's id in a text that also has a possible secret for it; -1 otherwise. */
export function awsKey(text: string): number {
  const id = accessKeyId.exec(text);
  if (id === null || id[0].includes("EXAMPLE")) return -1;
  const secrets = text.match(/(?<![0-9A-Za-z/+=])[0-9A-Za-z/+]{40}(?![0-9A-Za-z/+=])/g) ?? [];
  return secrets.some(isAwsSecret) ? id.index : -1;
}

function isAwsSecret(text: string): boolean {
  return /[a-z]/.test(text) && /[A-Z]/.test(text) && /[0-9]/.test(text) && looksRandom(text);
}

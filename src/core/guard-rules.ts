import type { BytePath } from "./byte-path.ts";

/** Raise it with every change of what the rules find, so that files that older rules passed are checked again. */
export const GUARD_VERSION = 2;

/** The guards' rules by name, as the configuration's `snapshot.allow` names them, and what each finds. */
export const guardRules = {
  "private-key": "a private key",
  "private-key-file": "the name of a private key or key store",
  "env-file": "an environment file, which holds a program's secrets",
  "credentials-file": "a file that a tool keeps its credentials in",
  "registry-token": "a package registry's credentials",
  kubeconfig: "a Kubernetes configuration with credentials",
  "github-token": "a GitHub token",
  "gitlab-token": "a GitLab token",
  "aws-key": "an AWS access key with its secret",
  "slack-token": "a Slack token",
  "npm-token": "an npm token",
  "pypi-token": "a PyPI token",
  "docker-token": "a Docker Hub token",
  "google-api-key": "a Google API key",
  "stripe-key": "a Stripe live key",
  "openai-key": "an OpenAI key",
  "anthropic-key": "an Anthropic key",
  "huggingface-token": "a Hugging Face token",
  "large-file": "larger than `snapshot.maxFileSize`",
  "lfs-pointer": "a Git LFS pointer instead of its content",
} as const;

/** A rule's name, as it stands in errors and in `snapshot.allow`. */
export type GuardRule = keyof typeof guardRules;

/** Every rule's name. */
export const guardRuleNames = Object.keys(guardRules) as readonly GuardRule[];

/** Rules that warn and let the snapshot pass. */
export function isWarning(rule: GuardRule): boolean {
  return rule === "lfs-pointer";
}

/** A rule that a file's content breaks, and where. */
export interface ContentFinding {
  readonly rule: GuardRule;
  /** Of the first hit, from 1. */
  readonly line: number;
}

/** A path that a guard refuses; `line` is null when its name or size is the reason. */
export interface Finding {
  readonly path: BytePath;
  readonly rule: GuardRule;
  readonly line: number | null;
}

/** A rule and the globs of paths for which the configuration allows it. */
export interface Allowed {
  readonly rule: GuardRule;
  readonly paths: readonly string[];
}

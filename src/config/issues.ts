import type * as z from "zod";

type Issue = z.core.$ZodIssue;

/**
 * Each complaint on its own line as `path.in.the.config: what is wrong and how it is written`. Misspelt keys come first:
 * they are why others are missing.
 */
export function explainIssues(issues: readonly Issue[]): string {
  const isKey = ({ code }: Issue) => code === "unrecognized_keys";
  const sorted = [...issues.filter(isKey), ...issues.filter((issue) => !isKey(issue))];
  return sorted.flatMap((issue) => explain(issue)).join("\n");
}

function explain(issue: Issue): string[] {
  const place = formatPath(issue.path);
  return messages(issue).map((message) => (place === "" ? message : `${place}: ${message}`));
}

function messages(issue: Issue): string[] {
  if (issue.code === "invalid_key") return issue.issues.map((inner) => inner.message);
  if (issue.code === "invalid_type" && issue.message.endsWith("received undefined")) return ["is missing"];
  return issue.message.replace(/^Invalid input: /, "").split("\n");
}

/** `jobs.test.env.CI`, `jobs["my job"].command[0]`. */
export function formatPath(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === "number") return `${text}[${key}]`;
    const plain = /^[A-Za-z0-9_$-]+$/.test(String(key));
    if (!plain) return `${text}[${JSON.stringify(String(key))}]`;
    return text === "" ? String(key) : `${text}.${String(key)}`;
  }, "");
}

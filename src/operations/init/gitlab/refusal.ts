import type { GitlabJob } from "./schema.ts";

/** Variables of GitLab's that a job may read here. */
const SET = ["CI", "CI_PROJECT_DIR", "CI_NODE_INDEX", "CI_NODE_TOTAL"];

/** Why a job cannot be one here; null when it can. `text` is the file that it stands in. */
export function refusal(job: GitlabJob, text: string): string | null {
  const { script, when } = job;
  if (job.trigger !== undefined) return "starts another pipeline";
  if (script === undefined || script.length === 0) return "has no script";
  if (job.environment !== undefined || job.release !== undefined) return "deploys something";
  if (when !== undefined && !["on_success", "always"].includes(when)) return `runs only when it is ${when}`;
  if (isConditional(job)) return "runs under rules";
  // The reader of YAML makes a list of such a word, which could be one of lines.
  if (text.includes("!reference")) return "is in a file with !reference";
  const lines = [...job.before_script, ...script];
  const values = Object.values(job.variables).map(String);
  if (values.some((value) => /\$[A-Za-z_{]/.test(value))) return "has a variable that is made of others";
  const read = [...lines.join("\n").matchAll(/\$\{?(CI_[A-Z_]+|GITLAB_[A-Z_]+)/g)].map(
    ([, name = ""]) => name,
  );
  const unset = read.find((name) => !SET.includes(name) && !Object.hasOwn(job.variables, name));
  if (unset !== undefined) return `reads ${unset}, which only GitLab sets`;
  const installs = /\b(?:sudo|apt-get|apt|apk|yum|dnf|docker)\b/.exec(lines.join("\n"))?.[0];
  return installs === undefined ? null : `uses ${installs}`;
}

/** Rules that let it run in a merge request are what a run here is. */
function isConditional({ rules, only, except }: GitlabJob): boolean {
  const conditions = [rules, only, except].filter((one) => one !== undefined);
  return conditions.length > 0 && !JSON.stringify(conditions).includes("merge_request");
}

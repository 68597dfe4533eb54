import { ConfigError } from "../core/errors.ts";
import { orNull, parseName } from "../core/ids.ts";
import type { JobSpec } from "../core/job.ts";
import type { Project, TargetSpec } from "../core/project.ts";
import { didYouMean } from "../core/suggest.ts";
import { formatInstallable, parseInstallable } from "../nix/installable.ts";
import { CHECK_PREFIX } from "./check-prefix.ts";
import { neededNames } from "./needs.ts";
import { makeShape } from "./shape.ts";

const HOUR_MS = 3_600_000;

/** Whether a selection may name checks, so that they have to be known. UsageError and ConfigError come later. */
export function wantsChecks(project: Project, target: string | null, jobs: readonly string[]): boolean {
  if (project.checks === undefined) return false;
  const name = target ?? project.defaultTarget;
  const spec = Object.hasOwn(project.targets, name) ? project.targets[name] : undefined;
  if (jobs.length === 0 && spec?.checks === true) return true;
  const names = neededNames(project.jobs, jobs.length > 0 ? jobs : (spec?.jobs ?? []));
  return [...names].some((job) => job.startsWith(CHECK_PREFIX));
}

/**
 * The project with a job `check.NAME` for each check of its flake that is not left out. ConfigError for names that no job
 * can have or that are taken, and for what is left out or wanted by a target and is no check.
 */
export function withCheckJobs(project: Project, system: string, names: readonly string[]): Project {
  const { exclude = [] } = project.checks ?? {};
  const wanted = names.filter((name) => !exclude.includes(name));
  const problems = [
    ...exclude.flatMap((name, index) => (names.includes(name) ? [] : [notThere(index, name, names)])),
    ...wanted.flatMap((name) => nameProblem(name, wanted, project)),
  ];
  if (problems.length > 0)
    throw new ConfigError(`\`checks\` of the flake that are no jobs:\n${problems.join("\n")}`, {
      hint: "rename them in the flake, or leave them out: `checks: { exclude: [NAME] }`",
    });
  const jobs = wanted.map((name) => checkJob(name, system));
  const all = { ...project.jobs, ...Object.fromEntries(jobs.map((job) => [job.name, job])) };
  const targets = Object.entries(project.targets).map(
    ([name, target]) => [name, withChecks(target, jobs, all)] as const,
  );
  return { ...project, jobs: all, targets: Object.fromEntries(targets) };
}

function withChecks(
  target: TargetSpec,
  checks: readonly JobSpec[],
  all: Readonly<Record<string, JobSpec>>,
): TargetSpec {
  const unknown = target.jobs.find((name) => !Object.hasOwn(all, name));
  if (unknown !== undefined)
    throw new ConfigError(
      `targets.${target.name}.jobs: unknown job ${JSON.stringify(unknown)}${didYouMean(unknown, Object.keys(all))}; the flake has no such check`,
      { hint: "correct the name; `nix flake show` lists the checks" },
    );
  const added = target.checks === true ? checks.map(({ name }) => name) : [];
  return { ...target, jobs: [...new Set([...target.jobs, ...added])] };
}

function checkJob(name: string, system: string): JobSpec {
  return {
    name: parseName(`${CHECK_PREFIX}${name}`),
    description: `the flake's check ${name}`,
    command: { kind: "argv", argv: ["true"] },
    builds: true,
    shape: makeShape("sandbox"),
    prepare: { check: { kind: "installable", installable: checkInstallable(name, system) } },
    timeoutMs: HOUR_MS,
    env: {},
    cwd: "/workspace",
    user: "user",
    workspace: "read-only",
    network: "none",
  };
}

/** Quotes a name where Nix needs it: with a dot, or with a digit in front. */
function checkInstallable(name: string, system: string): string {
  const attr = /^[A-Za-z_][A-Za-z0-9_-]*$/.test(name) ? name : `"${name}"`;
  return formatInstallable(parseInstallable(`#checks.${system}.${attr}`));
}

function notThere(index: number, name: string, names: readonly string[]): string {
  return `  checks.exclude[${index}]: the flake has no check ${JSON.stringify(name)}${didYouMean(name, names)}`;
}

function nameProblem(name: string, names: readonly string[], { jobs }: Project): string[] {
  const said = `  ${JSON.stringify(name)}: `;
  const job = orNull(parseName, `${CHECK_PREFIX}${name}`);
  if (job === null)
    return [
      `${said}a job's name has letters, digits, \`.\`, \`_\` and \`-\`, and a check's at most 58 of them`,
    ];
  if (Object.keys(jobs).some((other) => same(other, job)))
    return [`${said}the configuration has a job ${job}`];
  const twin = names.find((other) => other !== name && same(other, name));
  return twin === undefined
    ? []
    : [`${said}it differs from ${JSON.stringify(twin)} only in case, which some file systems ignore`];
}

function same(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

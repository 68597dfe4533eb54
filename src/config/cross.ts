import { posix } from "node:path";
import { PikaciError } from "../core/errors.ts";
import { groupOf, parseHostUrl, parseJobName } from "../core/ids.ts";
import { shardOf } from "../core/shards.ts";
import { didYouMean } from "../core/suggest.ts";
import { globMatcher } from "../tree/globs.ts";
import { caseTwin } from "./case-twin.ts";
import { CHECK_PREFIX } from "./check-prefix.ts";
import { complaint } from "./complaint.ts";
import { leavesWorkspace } from "./inside.ts";
import { formatPath } from "./issues.ts";
import { mountProblems } from "./mounts.ts";
import { needsProblems } from "./needs.ts";
import type { Config } from "./schema.ts";
import { serviceProblems } from "./service-problems.ts";

/** Contradictions between parts of a configuration of that workspace, each as `path: message`. */
export function crossProblems(config: Config, workspace: string): string[] {
  return [
    ...emptyProblems(config),
    ...targetProblems(config),
    ...needsProblems(config),
    ...defaultTargetProblems(config),
    ...hostProblems(config),
    ...workDirProblems(config, workspace),
    ...pathProblems(config),
    ...mountProblems(config),
    ...caseProblems(config),
    ...networkProblems(config),
    ...buildProblems(config),
    ...hypervisorProblems(config),
    ...cacheProblems(config),
    ...serviceProblems(config),
  ];
}

function emptyProblems({ jobs, checks = false, targets = {} }: Config): string[] {
  const noJob = Object.keys(jobs).length === 0 && checks === false;
  const noTarget = Object.entries(targets).flatMap(([name, target]) => {
    if (target.checks === true && checks === false)
      return [at(["targets", name, "checks"], "the project has no `checks`")];
    return target.jobs.length === 0 && target.checks !== true
      ? [at(["targets", name, "jobs"], "a target needs at least one job")]
      : [];
  });
  return [...(noJob ? ["jobs: a project needs at least one job, or `checks`"] : []), ...noTarget];
}

/** Accepts names of checks, since the flake's checks become known only later. */
function targetProblems(config: Config): string[] {
  const jobs = namesOf(config);
  const { checks = false } = config;
  return Object.entries(config.targets ?? {}).flatMap(([target, { jobs: wanted }]) =>
    wanted.flatMap((job, index) =>
      jobs.includes(job) || (checks !== false && job.startsWith(CHECK_PREFIX))
        ? []
        : [
            at(
              ["targets", target, "jobs", index],
              `unknown job ${JSON.stringify(job)}${didYouMean(job, jobs)}; add it to \`jobs\``,
            ),
          ],
    ),
  );
}

/** What a target may name: jobs, and jobs that have instances. */
function namesOf({ jobs }: Config): string[] {
  const names = Object.keys(jobs).map(parseJobName);
  return [...new Set(names.flatMap((name) => [name, groupOf(name) ?? name, shardOf(name)?.whole ?? name]))];
}

function defaultTargetProblems({ targets = {}, defaultTarget }: Config): string[] {
  const names = Object.keys(targets);
  if (defaultTarget === undefined) {
    return names.length < 2 || names.includes("default")
      ? []
      : ['defaultTarget: is missing: with several targets, name one "default" or set `defaultTarget`'];
  }
  const known = names.length === 0 ? ["default"] : names;
  if (known.includes(defaultTarget)) return [];
  return [
    `defaultTarget: unknown target ${JSON.stringify(defaultTarget)}${didYouMean(defaultTarget, known)}`,
  ];
}

function hostProblems({ host, hosts = {} }: Config): string[] {
  const urls = Object.entries(hosts).flatMap(([name, { url }]) => urlProblem(["hosts", name, "url"], url));
  if (host === undefined || host === "local" || Object.hasOwn(hosts, host)) return urls;
  if (host.includes("://")) return [...urls, ...urlProblem(["host"], host)];
  return [
    ...urls,
    `host: unknown host ${JSON.stringify(host)}${didYouMean(host, Object.keys(hosts))}; describe it in \`hosts\``,
  ];
}

function urlProblem(path: readonly PropertyKey[], url: string): string[] {
  try {
    parseHostUrl(url);
    return [];
  } catch (error) {
    if (!(error instanceof PikaciError)) throw error;
    return [at(path, `${error.message}; write \`local\` or \`ssh://[user@]host[:port]\``)];
  }
}

/** A work dir among the files that count would make each run a part of the next snapshot; `.pikaci` is never among them. */
function workDirProblems({ hosts = {} }: Config, workspace: string): string[] {
  return Object.entries(hosts).flatMap(([name, { url, workDir }]) => {
    if (url !== "local" || workDir === undefined) return [];
    const inside = posix.relative(workspace, workDir);
    const [first] = inside.split("/");
    return first === ".." || first === ".pikaci"
      ? []
      : [
          at(
            ["hosts", name, "workDir"],
            "must lie outside the workspace, or every run would become part of the next snapshot",
          ),
        ];
  });
}

/** A relative path must stay inside the workspace; an absolute one was meant. */
function pathProblems(config: Config): string[] {
  return Object.entries(config.jobs).flatMap(([job, { prepare = {}, cwd }]) => {
    const prepared = Object.entries(prepare).flatMap(([name, output]) => {
      if (typeof output === "string" || !("path" in output)) return [];
      const place = ["jobs", job, "prepare", name];
      const globs = (output.exclude ?? []).flatMap((glob, index) => {
        const problem = complaint(() => globMatcher([glob]));
        return problem === null ? [] : [at([...place, "exclude", index], problem)];
      });
      if (!leavesWorkspace(output.path)) return globs;
      return [at([...place, "path"], "must lie inside the workspace, or be absolute"), ...globs];
    });
    const badCwd = cwd !== undefined && leavesWorkspace(cwd);
    return badCwd
      ? [...prepared, at(["jobs", job, "cwd"], "must not leave /workspace by `..`; write an absolute path")]
      : prepared;
  });
}

const networksOf = {
  sandbox: ["host"],
  minivm: ["user"],
  microvm: ["user"],
  derivation: [],
  auto: ["host", "user"],
} as const;

/** What `derivation` refuses: root would own the verdict, and every user of the host can read the store, where secrets would be. */
function buildProblems({ jobs }: Config): string[] {
  return Object.entries(jobs).flatMap(([job, { runner, user, secrets = [] }]) => {
    const backend = typeof runner === "string" ? runner : runner?.backend;
    if (backend !== "derivation") return [];
    return [
      ...(user === "root"
        ? [at(["jobs", job, "user"], 'the runner derivation has no root; write "user"')]
        : []),
      ...(secrets.length > 0
        ? [at(["jobs", job, "secrets"], "the runner derivation cannot keep secrets; use another runner")]
        : []),
    ];
  });
}

/** What only one of microvm.nix's hypervisors has, and what hosts, which are Linux, cannot run. */
function hypervisorProblems({ jobs }: Config): string[] {
  return Object.entries(jobs).flatMap(([job, { runner, network = "none" }]) => {
    if (typeof runner !== "object" || !("hypervisor" in runner)) return [];
    const { hypervisor = "qemu" } = runner;
    if (hypervisor === "vfkit")
      return [
        at(
          ["jobs", job, "runner", "hypervisor"],
          'vfkit runs on macOS, and hosts are Linux: `pikaci render` writes its flake; write "qemu"',
        ),
      ];
    if (hypervisor === "qemu" || network !== "user") return [];
    const message = `${hypervisor} has no network of its own for ordinary accounts; write "none", or the hypervisor "qemu"`;
    return [at(["jobs", job, "network"], message)];
  });
}

/** Backends whose guests see a directory of the host that they can write. */
const cachedBackends: readonly string[] = ["sandbox", "minivm", "auto"];

function cacheProblems({ jobs }: Config): string[] {
  return Object.entries(jobs).flatMap(([job, { runner = "sandbox", caches = [] }]) => {
    const backend = typeof runner === "string" ? runner : runner.backend;
    if (caches.length === 0 || cachedBackends.includes(backend)) return [];
    const message = `the runner ${backend} keeps nothing on the host between jobs; use "sandbox" or "minivm", or remove \`caches\``;
    return [at(["jobs", job, "caches"], message)];
  });
}

/** The networks that a backend has in addition to `none`. */
function networkProblems({ jobs }: Config): string[] {
  return Object.entries(jobs).flatMap(([job, { runner = "sandbox", network = "none" }]) => {
    const backend = typeof runner === "string" ? runner : runner.backend;
    const known: readonly string[] = ["none", ...networksOf[backend]];
    return known.includes(network)
      ? []
      : [
          at(
            ["jobs", job, "network"],
            `the runner ${backend} has ${known.map((one) => `"${one}"`).join(" and ")}`,
          ),
        ];
  });
}

/** Names become file names, and some file systems ignore case. */
function caseProblems({ jobs }: Config): string[] {
  const names = Object.keys(jobs);
  return names.flatMap((name, index) => {
    const twin = caseTwin(names, index);
    return twin === undefined
      ? []
      : [at(["jobs", name], `differs from ${JSON.stringify(twin)} by case only; rename one`)];
  });
}

function at(path: readonly PropertyKey[], message: string): string {
  return `${formatPath(path)}: ${message}`;
}

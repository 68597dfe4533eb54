import type { ConfigInput } from "../../config/schema.ts";

/** What `init` saw. */
export interface ProjectFacts {
  readonly npm: {
    readonly scripts: Readonly<Record<string, string>>;
    readonly hasDependencies: boolean;
  } | null;
  readonly lockFile: string | null;
  readonly hasNodeModules: boolean;
  readonly cargo: boolean;
  readonly go: boolean;
  readonly goSum: boolean;
  readonly python: boolean;
  readonly flake: boolean;
  /** Names of the flake's checks; null when they could not be read. */
  readonly checks: readonly string[] | null;
  /** Nix's name of this machine's platform. */
  readonly system: string;
  readonly makeTargets: readonly string[];
}

export interface Proposal {
  readonly config: ConfigInput;
  /** What was taken for granted, one a line, for people. */
  readonly assumptions: readonly string[];
}

type Jobs = Record<string, ConfigInput["jobs"][string]>;

interface Part {
  readonly jobs: Jobs;
  readonly assumptions: readonly string[];
}

const NOTHING: Part = { jobs: {}, assumptions: [] };

/** A configuration that works for a project as it is seen, and what it takes for granted. */
export function propose(facts: ProjectFacts): Proposal {
  const parts = [npmPart(facts), cargoPart(facts), goPart(facts), pythonPart(facts), flakePart(facts)];
  const found = parts.filter(({ jobs }) => Object.keys(jobs).length > 0);
  const chosen = found.length > 0 ? found : [makePart(facts)];
  const all = [...chosen, ...parts.filter((part) => !found.includes(part))];
  return {
    config: { jobs: Object.assign({}, ...chosen.map(({ jobs }) => jobs)) },
    assumptions: all.flatMap(({ assumptions }) => assumptions),
  };
}

const SCRIPTS = ["test", "lint", "typecheck", "check", "build"];
const RUNNERS: Readonly<Record<string, string>> = {
  "pnpm-lock.yaml": "pnpm",
  "yarn.lock": "yarn",
  "bun.lockb": "bun",
  "bun.lock": "bun",
};

function npmPart({ npm, lockFile, hasNodeModules }: ProjectFacts): Part {
  const scripts = SCRIPTS.filter(
    (name) => npm?.scripts[name] && !npm.scripts[name]?.includes("no test specified"),
  );
  if (npm === null || scripts.length === 0) return NOTHING;
  const runner = RUNNERS[lockFile ?? ""] ?? "npm";
  const modules = npm.hasDependencies || hasNodeModules;
  const link = modules ? "ln -sfn /prepared/node_modules node_modules && " : "";
  const jobs = scripts.map((name) => [
    name,
    {
      command: `${link}${runner} run ${name}`,
      ...(modules ? { prepare: { node_modules: { path: "node_modules" } } } : {}),
      workspace: "private" as const,
    },
  ]);
  return {
    jobs: Object.fromEntries(jobs),
    assumptions: [
      `package.json: a job for each of the scripts ${scripts.join(", ")}, run by ${runner}`,
      ...(modules ? ["node_modules is installed here, and is sent to the host as it is"] : []),
      `the host has ${runner} and node in /usr; else prepare them from a flake, as in "node": ".#nodejs"`,
    ],
  };
}

function cargoPart({ cargo }: ProjectFacts): Part {
  if (!cargo) return NOTHING;
  const command = "cargo test --locked";
  const env = { CARGO_HOME: "/tmp/cargo", CARGO_TARGET_DIR: "/tmp/target" };
  return {
    jobs: { cargo: { command, env, workspace: "private", network: "host" } },
    assumptions: ["Cargo.toml: `cargo test`, with cargo in the host's /usr, and the network to fetch crates"],
  };
}

function goPart({ go, goSum }: ProjectFacts): Part {
  if (!go) return NOTHING;
  const env = { GOCACHE: "/tmp/go-build", GOPATH: "/tmp/go" };
  return {
    jobs: { go: { command: "go test ./...", env, ...(goSum ? { network: "host" as const } : {}) } },
    assumptions: [
      `go.mod: \`go test\`, with go in the host's /usr${goSum ? ", and the network to fetch modules" : ""}`,
    ],
  };
}

function pythonPart({ python }: ProjectFacts): Part {
  if (!python) return NOTHING;
  return {
    jobs: {
      pytest: { command: "python3 -m pytest -p no:cacheprovider", env: { PYTHONDONTWRITEBYTECODE: "1" } },
    },
    assumptions: ["Python: `pytest`, with python3 and pytest in the host's /usr"],
  };
}

/** Short enough for a job's name with `check-` before it. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,57}$/;

/** A check of a flake is built on the host as what a job needs: its verdict is the build's. */
function flakePart({ flake, checks, system }: ProjectFacts): Part {
  if (!flake) return NOTHING;
  if (checks === null)
    return { jobs: {}, assumptions: ["flake.nix: its outputs could not be read here, so no job uses them"] };
  if (checks.length === 0)
    return {
      jobs: {},
      assumptions: [`flake.nix: it has no checks for ${system}; its packages can be prepared`],
    };
  const named = checks.filter((name) => NAME.test(name));
  const jobs = named.map((name) => [
    `check-${name}`,
    { command: "true", prepare: { [name]: `.#checks.${system}.${name}` } },
  ]);
  return {
    jobs: Object.fromEntries(jobs),
    assumptions: [
      `flake.nix: a job for each check of ${system}; building it on the host is the test`,
      ...(named.length < checks.length ? ["checks whose names are no names for jobs are left out"] : []),
    ],
  };
}

function makePart({ makeTargets }: ProjectFacts): Part {
  const target = ["check", "test"].find((name) => makeTargets.includes(name));
  if (target !== undefined)
    return {
      jobs: { [target]: { command: `make ${target}`, workspace: "private" } },
      assumptions: [`Makefile: \`make ${target}\`, with make and what it calls in the host's /usr`],
    };
  return {
    jobs: { hello: { command: "ls -l && echo 'replace this command'" } },
    assumptions: ["nothing here that pikaci knows how to test: the job hello is to be replaced"],
  };
}

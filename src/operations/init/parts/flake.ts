import { CHECK_PREFIX } from "../../../config/check-prefix.ts";
import { orNull, parseName } from "../../../core/ids.ts";
import { boundAttributes } from "../../../nix/bindings.ts";
import type { Look, Part, Project } from "../part.ts";

/**
 * A flake's checks are jobs by `checks: true`. That it has some is seen in its text, without evaluating it: it binds an
 * attribute `checks` in its outputs. When it was evaluated, by their names.
 */
export const flake: Look = (project) => {
  const text = project.files.text("flake.nix");
  if (text === null) return null;
  return project.checks === null ? byText(text, project) : byNames(project.checks, project);
};

function byText(text: string, { nix }: Project): Part {
  if (!bindsChecks(text))
    return {
      jobs: {},
      notes: [
        "flake.nix: no checks are seen in its text; `pikaci init --checks` evaluates it, and its packages can be prepared",
      ],
    };
  if (nix === "missing")
    return {
      jobs: {},
      notes: [],
      leftOut: [
        "flake.nix: its checks, for this machine has no Nix to say which there are; with Nix, add `checks: true`",
      ],
    };
  return {
    jobs: {},
    checks: true,
    notes: ["flake.nix: it has checks; each of them is a job (not evaluated yet)"],
  };
}

function bindsChecks(text: string): boolean {
  return boundAttributes(text).some((path) => path[0] === "outputs" && path.includes("checks"));
}

function byNames(names: readonly string[], { system }: Project): Part {
  if (names.length === 0)
    return { jobs: {}, notes: [`flake.nix: it has no checks for ${system}; its packages can be prepared`] };
  const exclude = names.filter((name, index) => !canBeJob(name, names.slice(0, index)));
  return {
    jobs: {},
    checks: exclude.length === 0 ? true : { exclude },
    notes: [
      `flake.nix: each check of ${system} is a job: ${names.filter((name) => !exclude.includes(name)).join(", ")}`,
    ],
    leftOut: exclude.map(
      (name) => `flake.nix: the check ${JSON.stringify(name)}, whose name cannot be a job's`,
    ),
  };
}

/** Names of jobs become names of files, and some file systems ignore case. */
function canBeJob(name: string, before: readonly string[]): boolean {
  const isTaken = before.some((other) => other.toLowerCase() === name.toLowerCase());
  return !isTaken && orNull(parseName, `${CHECK_PREFIX}${name}`) !== null;
}

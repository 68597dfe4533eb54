import { boundAttributes } from "../../../nix/bindings.ts";
import type { Look } from "../part.ts";

/** Short enough for a job's name with `check-` before it. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,57}$/;

/** A check of a flake is built on the host as what a job needs: its verdict is the build's. */
export const flake: Look = ({ files, checks, system }) => {
  const text = files.text("flake.nix");
  if (text === null) return null;
  if (checks === null) return { jobs: {}, notes: [unread(text)] };
  if (checks.length === 0)
    return { jobs: {}, notes: [`flake.nix: it has no checks for ${system}; its packages can be prepared`] };
  const named = checks.filter((name) => NAME.test(name));
  const jobs = named.map((name) => {
    const job = { command: "true", prepare: { [name]: `.#checks.${system}.${name}` } };
    return [`check-${name}`, { job, notes: ["building the check on the host is the test"] }] as const;
  });
  return {
    jobs: Object.fromEntries(jobs),
    notes: [`flake.nix: a job for each check of ${system}`],
    leftOut: checks
      .filter((name) => !named.includes(name))
      .map((name) => `flake.nix: the check ${JSON.stringify(name)}, whose name cannot be a job's`),
  };
};

/** Flakes are not evaluated unless that is asked for. */
function unread(text: string): string {
  const hasChecks = boundAttributes(text).some((path) => path[0] === "outputs" && path.includes("checks"));
  return hasChecks
    ? "flake.nix: it has checks; `pikaci init --checks` evaluates it and makes a job for each"
    : "flake.nix: not evaluated; `pikaci init --checks` makes a job for each check, and its packages can be prepared";
}

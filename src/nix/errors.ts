import { ConfigError, InfraError, type PikaciError, TrustError } from "../core/errors.ts";

/** A flake lacks what it was asked for. */
export class NoSuchOutput extends ConfigError {}

interface Rule {
  readonly pattern: RegExp;
  readonly explain: (match: RegExpExecArray, log: NixLog) => PikaciError;
}

/** What Nix wrote to stderr, in the two parts that matter. */
interface NixLog {
  /** From the last `error:` that starts a line to the end, indentation and advice on flags removed. */
  readonly error: string;
  /** What builders printed before it, last lines last. */
  readonly builders: readonly string[];
  /** All of it when ssh failed, else nothing. */
  readonly connection: string;
}

const builderLines = 15;

/** In order: the first that matches decides. Recorded outputs of Nix 2.8, 2.26 and 2.34 are in test/fixtures/nix. */
const rules: readonly Rule[] = [
  {
    pattern: /No space left on device/,
    explain: (_, log) =>
      new InfraError("disk", `the disk is full: ${log.error}`, {
        hint: "free space in /nix/store (`nix-collect-garbage`), then run the command again",
      }),
  },
  {
    pattern: /lacks a (valid )?signature|lacks a signature by a trusted key/,
    explain: (_, log) =>
      new TrustError(`the host does not take this store path: ${log.error}`, {
        hint: "sign it with a key that the host trusts (`nix store sign`, `trusted-public-keys` in its nix.conf), or build it there",
      }),
  },
  {
    pattern:
      /Host key verification failed[\s\S]*cannot (?:connect to|open connection to remote store) '(?:ssh-ng:\/\/)?([^']*)'|REMOTE HOST IDENTIFICATION HAS CHANGED/,
    explain: (match) =>
      new TrustError(`the host key of ${match[1] ?? "the host"} is not the known one`, {
        hint: "`ssh-keyscan HOST | ssh-keygen -lf -` shows its fingerprint; compare it, then add the key to known_hosts",
      }),
  },
  {
    pattern:
      /([^\n]*)\nerror: (?:cannot connect to|cannot open connection to remote store) '(?:ssh-ng:\/\/)?([^']*)'/,
    explain: (match) =>
      new InfraError("network", `Nix cannot reach ${match[2]}: ${match[1]}`, {
        hint: "check that `ssh` to the host works without a question, and run the command again",
      }),
  },
  { pattern: /requires lock file changes but they're not allowed/, explain: (_, log) => lockError(log) },
  {
    pattern: /while updating the flake input '[^']*'[\s\S]*unable to download/,
    explain: (_, log) => lockError(log),
  },
  {
    pattern: /does not provide attribute ('[^\n]*')/,
    explain: (match) =>
      new NoSuchOutput(`the flake has no such output: it provides none of ${match[1]}`, {
        hint: "`nix flake show` lists its outputs; name one of them in the job's `prepare`",
      }),
  },
  {
    pattern: /is not a derivation|entries in its context|has context with the different path/,
    explain: (_, log) =>
      new ConfigError(`an output that a job needs is not a derivation: ${log.error}`, {
        hint: "name an attribute that `nix build` can build",
      }),
  },
  {
    pattern: /relative path '([^']*)' points outside of its parent's store path/,
    explain: (match) => parentInput(match[1] ?? ""),
  },
  {
    pattern:
      /while updating the flake input '([^']*)'[\s\S]*absolute path '\/nix\/store\/[^']*' is forbidden/,
    explain: (match) => parentInput(match[1] ?? ""),
  },
  { pattern: /while updating the lock file of flake/, explain: (_, log) => lockError(log) },
  {
    pattern: /source\/?((?:[^/'\n]+\/)*)flake\.nix'?(?: does not exist|: No such file|' does not exist)/,
    explain: (match) =>
      new ConfigError(`the snapshot has no ${match[1]}flake.nix`, {
        hint: "`git add` it, and let the configuration's `flake.files` select it",
      }),
  },
  {
    pattern: /a '([^']+)' with features .* is required to build|Required system: '([^']+)'/,
    explain: (match, log) =>
      new InfraError("nix", `the host cannot build for ${match[1] ?? match[2]}: ${log.error}`, {
        hint: "name an output for the host's own system, or a host (or remote builder) of that system",
      }),
  },
  {
    pattern: /builder for '[^']*' failed|Cannot build '/,
    explain: (_, log) =>
      new InfraError("nix", buildFailure(log), {
        hint: "`nix build` of the same output in the workspace shows the whole log",
      }),
  },
  {
    pattern: /unable to download|[Cc]ould(n't| not) resolve host/,
    explain: (_, log) =>
      new InfraError("network", `Nix could not download what it needs: ${log.error}`, {
        hint: "let the host reach its substituters and the flake's inputs; with an incomplete `flake.lock`, run `nix flake lock` and commit it",
      }),
  },
];

/** The error behind a failed Nix command, from what it wrote to stderr. */
export function explainNix(stderr: string): PikaciError {
  const log = readLog(stderr);
  for (const { pattern, explain } of rules) {
    const match = pattern.exec(log.error) ?? pattern.exec(log.connection);
    if (match !== null) return explain(match, log);
  }
  return new InfraError("nix", `Nix failed: ${log.error}`, { hint: "Nix's own output above says more" });
}

function readLog(stderr: string): NixLog {
  const lines = stderr.trimEnd().split("\n");
  const failed = lines.findIndex((line) => /^error:/.test(line) && !/^error: build of .* failed$/.test(line));
  const start = failed === -1 ? Math.max(0, lines.length - 5) : failed;
  const error = lines
    .slice(start)
    .filter((line) => !/^\(use '--show-trace'|^error: build of '/.test(line))
    .map((line) => line.replace(/^ {7}/, ""))
    .join("\n")
    .replace(/^error:\s*/, "")
    .trim();
  const builders = lines.slice(0, start).filter((line) => /^[^\s>]+> /.test(line));
  return {
    error: error === "" ? "it said nothing" : error,
    builders: builders.slice(-builderLines),
    connection: /^cannot (connect to|open connection to remote store) '/.test(error) ? stderr : "",
  };
}

/** With the builders' last lines; later versions of Nix repeat them in the error itself. */
function buildFailure({ error, builders }: NixLog): string {
  const lines = error.includes(" log lines:") ? [] : builders;
  return [`a Nix build failed: ${error}`, ...lines].join("\n");
}

function lockError({ error }: NixLog): ConfigError {
  return new ConfigError(`a flake's \`flake.lock\` is incomplete: ${error}`, {
    hint: "run `nix flake lock` in the flake's directory and `git add flake.lock`; pikaci never changes a lock file",
  });
}

function parentInput(input: string): ConfigError {
  return new ConfigError(`the flake's input \`${input}\` points above the flake's own directory`, {
    hint: "inputs with `../` need Nix 2.26 or later on the host, and an up-to-date lock; or move the output to the flake at the root",
  });
}

import { execFileSync } from "node:child_process";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { toPath } from "../../../src/core/byte-path.ts";
import { SnapshotRefused } from "../../../src/core/errors.ts";
import type { Finding, GuardRule } from "../../../src/core/guard-rules.ts";
import { DEFAULT_MAX_FILE_SIZE, pathFindings } from "../../../src/tree/guards/paths.ts";
import { notAllowed, refuseFindings } from "../../../src/tree/guards/refuse.ts";

const test = suite("guards: paths");

const found = (path: string, size = 1) => pathFindings(toPath(path), size, DEFAULT_MAX_FILE_SIZE);

const hits: readonly [rule: GuardRule, ...paths: string[]][] = [
  [
    "private-key-file",
    "id_rsa",
    "a/id_ed25519",
    ".ssh/id_ecdsa_sk",
    "x/key.ppk",
    "cert.p12",
    "cert.pfx",
    "a.kdbx",
  ],
  ["env-file", ".env", "a/.env", ".env.local", ".env.production", "a\nb/.env.example.local"],
  ["env-file", ".env-prod", ".env_prod", ".env2", "a/.env~", ".env.example~", ".environment", ".envrc.local"],
  ["credentials-file", ".netrc", "_netrc", "home/.git-credentials", ".aws/credentials", ".pgpass"],
  [
    "credentials-file",
    "x/.config/gh/hosts.yml",
    ".cargo/credentials.toml",
    ".terraform.d/credentials.tfrc.json",
  ],
  ["credentials-file", ".config/gcloud/credentials.db", "gcp/application_default_credentials.json"],
];
for (const [rule, ...paths] of hits)
  for (const path of paths) test(`${rule}: ${JSON.stringify(path)}`, () => assert.equal(found(path), [rule]));

const misses = [
  ...["id_rsa.pub", "id_rsa.ts", "grid_rsa", "id_rsa/x", "src/id_ed25519.test.ts"],
  ...[
    ".envrc",
    ".env.example",
    ".env.sample",
    ".env.template",
    ".env.production.dist",
    ".env-example",
    ".env_sample",
    "a/.envrc",
    "env",
  ],
  ...["src/.env/config.ts", "x.env.ts", "netrc", ".netrc.md", "aws/credentials", ".aws/credentials.md"],
  ...["credentials.ts", "hosts.yml", "key.pem", "server.crt", "p12", "src/env.ts", ".gitconfig"],
];
for (const path of misses) test(`let pass: ${JSON.stringify(path)}`, () => assert.equal(found(path), []));

test("an empty file has no secrets, and a large one is large whatever its name", () => {
  assert.equal(found(".env", 0), []);
  assert.equal(found("video.mp4", DEFAULT_MAX_FILE_SIZE), []);
  assert.equal(found("video.mp4", DEFAULT_MAX_FILE_SIZE + 1), ["large-file"]);
  assert.equal(found(".env", DEFAULT_MAX_FILE_SIZE + 1), ["large-file", "env-file"]);
});

const finding = (path: string, rule: GuardRule = "env-file", line: number | null = null): Finding => ({
  path: toPath(path),
  rule,
  line,
});

test("allowed: by rule and path together", () => {
  const findings = [finding(".env"), finding("test/.env"), finding("test/key", "private-key", 1)];
  const allowed = [
    { rule: "env-file", paths: ["test"] },
    { rule: "private-key", paths: ["other/**"] },
  ] as const;
  assert.equal(notAllowed(findings, allowed), [findings[0], findings[2]]);
  refuseFindings(findings.slice(1, 2), allowed);
  refuseFindings([], []);
});

function refusal(findings: readonly Finding[]): SnapshotRefused {
  try {
    refuseFindings(findings, []);
  } catch (error) {
    if (error instanceof SnapshotRefused) return error;
  }
  throw new Error("nothing was refused");
}

test("a refusal names paths, lines and rules, and how to allow the first", () => {
  const error = refusal([finding("a\n/.env"), finding("src/x.ts", "github-token", 7)]);
  assert.is(error.exitCode, 5);
  assert.is(
    error.message,
    [
      "the snapshot's guards refuse what it holds:",
      "  a\\x0a/.env: env-file, an environment file, which holds a program's secrets",
      "  src/x.ts:7: github-token, a GitHub token",
    ].join("\n"),
  );
  assert.match(error.hint ?? "", /\.gitignore.*snapshot\.exclude.*allow: \[\{ rule: "env-file", paths: \[/);
  assert.match(refusal([finding("v", "large-file")]).hint ?? "", /raise `snapshot\.maxFileSize`/);
});

test("at most ten findings are told one by one", () => {
  const error = refusal(Array.from({ length: 13 }, (_, index) => finding(`${index}/.env`)));
  assert.is(error.message.split("\n").length, 12);
  assert.match(error.message, /and 3 more$/);
});

test("nothing in this repository and in what it depends on", () => {
  const own = ["src", "test", "scripts", "docs", "nix", "examples", "package.json", "package-lock.json"];
  const tracked = execFileSync("find", [...own, "-type", "f", "-print0"], { encoding: "latin1" });
  const installed = execFileSync("find", ["node_modules/", "-print0"], {
    encoding: "latin1",
    maxBuffer: 1 << 26,
  });
  const paths = `${tracked}${installed}`.split("\0");
  assert.equal(
    paths.filter((path) => found(path).length > 0),
    [],
  );
});

test.run();

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { toPath } from "../../../src/core/byte-path.ts";
import { CONTENT_LIMIT, contentFindings } from "../../../src/tree/guards/contents.ts";
import { longRuns, MIN_MARKS, MIN_RUN } from "../../../src/tree/guards/runs.ts";

const test = suite("guards: contents");

/** Random as real ones are; taken apart where they stand, so that this file holds none. */
const base62 = "k3Vw8ZtQ1bYpL6sRf0HcXj9NdG2mUaE7TqPo5iBxKyJ4";
const body = (length: number) => base62.repeat(8).slice(0, length);
const digits = "739105826417";
const secret = "q8Zr+T1vYb/4KmNc0PwLxE6sHdJf2UgAo9RiBt3V";
const accessKey = `AKI${"A"}J5QX7RNDW3LT2YHM`;
const pem = (kind: string) => `-----BEGIN ${kind}-----\n${body(64)}\n${body(64)}\n-----END ${kind}-----\n`;

function found(content: string, path = "src/x.ts"): string[] {
  return contentFindings(toPath(path), Buffer.from(content)).map(({ rule, line }) => `${rule}:${line}`);
}

const hits: readonly [name: string, content: string, expected: string, path?: string][] = [
  ["classic", `a\nconst t = "gh${"p"}_${body(36)}";`, "github-token:2"],
  ["app", `GITHUB_TOKEN=gh${"s"}_${body(36)}`, "github-token:1"],
  ["fine-grained", `github_${"pat"}_${body(22)}_${body(59)}`, "github-token:1"],
  ["GitLab", `token: gl${"pat"}-${body(20)}\n`, "gitlab-token:1"],
  ["GitLab runner", `gl${"rt"}-${body(20)}`, "gitlab-token:1"],
  ["Slack bot", `xox${"b"}-${digits}-${digits}-${body(24)}`, "slack-token:1"],
  ["npm in a script", `//registry.example.org/:_x=npm${"_"}${body(36)}`, "npm-token:1"],
  ["PyPI", `password = pypi-${"AgE"}${body(120)}`, "pypi-token:1"],
  ["Docker Hub", `dckr_${"pat"}_${body(27)}`, "docker-token:1"],
  ["Google", `key=AI${"za"}${body(35)}&x=1`, "google-api-key:1"],
  ["Stripe", `sk${"_live_"}${body(24)}`, "stripe-key:1"],
  ["OpenAI", `OPENAI_API_KEY="sk-${"proj"}-${body(120)}"`, "openai-key:1"],
  ["Anthropic", `sk-${"ant"}-api03-${body(95)}`, "anthropic-key:1"],
  ["Hugging Face", `hf${"_"}aBcDeFgHkLmNpQrStUvXyZwJkMhGtRsVbN`, "huggingface-token:1"],
  ["AWS, both halves", `id = ${accessKey}\nsecret = ${secret}\n`, "aws-key:1"],
  ["RSA", pem(`RSA ${"PRIVATE"} KEY`), "private-key:1"],
  ["PKCS 8", `\n\n${pem(`${"PRIVATE"} KEY`)}`, "private-key:3"],
  ["encrypted PKCS 8", pem(`ENCRYPTED ${"PRIVATE"} KEY`), "private-key:1"],
  ["OpenSSH", pem(`OPENSSH ${"PRIVATE"} KEY`), "private-key:1"],
  ["PGP", pem(`PGP ${"PRIVATE"} KEY BLOCK`), "private-key:1"],
  [
    "old and encrypted",
    pem(`EC ${"PRIVATE"} KEY`).replace(
      "\n",
      `\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,${body(32)}\n\n`,
    ),
    "private-key:1",
  ],
  ["in JSON", JSON.stringify({ private_key: pem(`${"PRIVATE"} KEY`) }), "private-key:1"],
  ["in YAML", `key: |\n  ${pem(`${"PRIVATE"} KEY`).replaceAll("\n", "\n  ")}`, "private-key:2"],
  ["Windows lines", pem(`${"PRIVATE"} KEY`).replaceAll("\n", "\r\n"), "private-key:1"],
  ["as words of a program", `"-----BEGIN ${"PRIVATE"} KEY-----\\n" +\n  "${body(64)}\\n" +`, "private-key:1"],
  [
    "base64 of a key",
    `client-key-data: ${Buffer.from(pem(`RSA ${"PRIVATE"} KEY`)).toString("base64")}`,
    "private-key:1",
  ],
  ["npmrc", "//registry.example.org/:_authToken=abcdefgh-1234", "registry-token:1", ".npmrc"],
  ["npmrc, basic", "registry=https://x\n_auth = dXNlcjpwYXNz\n", "registry-token:2", "a/.npmrc"],
  ["yarn", 'npmAuthToken: "abcdefgh1234"', "registry-token:1", ".yarnrc.yml"],
  ["pypirc", "[pypi]\nusername = me\npassword = hunter2hunter2", "registry-token:3", ".pypirc"],
  ["docker", '{"auths":{"r":{"auth":"dXNlcjpwYXNz"}}}', "registry-token:1", ".docker/config.json"],
  ["kubeconfig", `users:\n- user:\n    token: ${body(40)}\n`, "kubeconfig:3", "deploy/kubeconfig.yaml"],
];

for (const [name, content, expected, path] of hits)
  test(`found: ${name}`, () => assert.equal(found(content, path), [expected]));

const misses: readonly [name: string, content: string, path?: string][] = [
  ["nothing", ""],
  ["a header alone", `const header = "-----BEGIN ${"PRIVATE"} KEY-----";\nreturn text.includes(header);`],
  [
    "a header and an ellipsis",
    `-----BEGIN ${"PRIVATE"} KEY-----\n...\n-----END ${"PRIVATE"} KEY-----\n${body(64)}`,
  ],
  ["a public key", pem("PUBLIC KEY")],
  ["a certificate", pem("CERTIFICATE")],
  ["an ssh public key", `ssh-rsa AAAAB3NzaC1yc2E${body(200)} me@host`],
  ["placeholders", `gh${"p"}_${"x".repeat(36)} gl${"pat"}-your-token-goes-here npm${"_"}${"A1".repeat(18)}`],
  ["the alphabet", `gh${"p"}_ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789`],
  ["too short", `gh${"p"}_${body(35)}`],
  ["within a word", `high${"gh"}p_${body(36)}`],
  ["Stripe's test keys", `sk_test_${body(24)}`],
  ["an id alone", `aws_access_key_id = ${accessKey}\n`],
  ["the manuals' AWS key", `AKI${"A"}IOSFODNN7EXAMPLE\nwJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY`],
  ["an id and a commit", `${accessKey} 3bcf1e12e37cfb719ecbacac616fdded504394c4`],
  ["an integrity hash", `"integrity": "sha512-${body(86)}=="`],
  ["a hash in hex", "0123456789abcdef".repeat(8)],
  ["a long name", "thisIsAVeryLongNameOfAFunctionThatNPM_CONFIG_REGISTRY_USES_1234567"],
  ["npm's own variables", `npm${"_"}config_registry_${body(36)}`],
  ["a variable", ["//registry.example.org/:_authToken=$", "{NPM_TOKEN}"].join(""), ".npmrc"],
  ["npmrc without a token", "registry=https://registry.example.org/\nalways-auth=true\n", ".npmrc"],
  ["a token's name elsewhere", "//registry.example.org/:_authToken=abcdefgh-1234", "docs/npm.md"],
  ["a kubeconfig that asks", "users:\n- user:\n    exec:\n      command: aws\n", "kubeconfig"],
  ["a token of YAML elsewhere", `token: ${body(40)}`, "settings.yml"],
];

for (const [name, content, path] of misses)
  test(`let pass: ${name}`, () => assert.equal(found(content, path), []));

test("binary files and large ones are not looked at", () => {
  const token = `gh${"p"}_${body(36)}`;
  assert.equal(found(`\0${token}`), []);
  assert.equal(found(token.padEnd(CONTENT_LIMIT)), ["github-token:1"]);
  assert.equal(found(token.padEnd(CONTENT_LIMIT + 1)), []);
});

test("several rules, each at its first line", () => {
  const text = `\ngh${"p"}_${body(36)}\n${pem(`${"PRIVATE"} KEY`)}gh${"o"}_${body(36)}\n`;
  assert.equal(found(text).sort(), ["github-token:2", "private-key:3"]);
});

test("runs: as a regular expression finds them, wherever they lie", () => {
  const piece = fc.oneof(
    fc.constantFrom(" ", "\n", ".", "\xff", "a", "Zebra9", "under_score", "-"),
    fc.integer({ min: 1, max: 60 }).map(body),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
      const text = pieces.join("");
      const expected = [...text.matchAll(new RegExp(`[0-9A-Za-z_-]{${MIN_RUN},}`, "g"))]
        .filter(([run]) => run.replace(/[^0-9A-Z]/g, "").length >= MIN_MARKS)
        .flatMap(({ 0: run, index }) => [index, index + run.length]);
      assert.equal(longRuns(Buffer.from(text, "latin1")), expected);
    }),
  );
});

test("keys as ssh-keygen makes them", () => {
  const directory = mkdtempSync(join(tmpdir(), "pikaci-keys-"));
  try {
    for (const words of [
      ["ed25519"],
      ["ecdsa"],
      ["rsa", "-m", "PEM"],
      ["ed25519", "-Z", "aes256-ctr", "-N", "passphrase"],
    ]) {
      const file = join(directory, words.join(""));
      const passphrase = words.includes("-N") ? [] : ["-N", ""];
      execFileSync("ssh-keygen", ["-q", "-f", file, ...passphrase, "-t", ...words]);
      assert.equal(found(readFileSync(file, "latin1")), ["private-key:1"], words.join(" "));
      assert.equal(found(readFileSync(`${file}.pub`, "latin1")), [], words.join(" "));
    }
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test("nothing in this repository and in what it depends on", () => {
  const own = ["src", "test", "scripts", "docs", "nix", "examples", "package.json", "package-lock.json"];
  const tracked = execFileSync("find", [...own, "-type", "f", "-print0"], { encoding: "latin1" }).split("\0");
  const installed = execFileSync("find", ["node_modules/", "-type", "f", "-size", "-256k", "-print0"], {
    encoding: "latin1",
    maxBuffer: 1 << 26,
  }).split("\0");
  const paths = [...tracked, ...installed].filter((path) => path !== "");
  assert.ok(paths.length > 1000);
  const findings = paths.flatMap((path) => {
    const file = Buffer.from(path, "latin1");
    return contentFindings(toPath(path), read(file)).map(({ rule, line }) => `${path}:${line}: ${rule}`);
  });
  assert.equal(findings, []);
});

function read(file: Buffer): Buffer {
  try {
    return readFileSync(file);
  } catch {
    return Buffer.alloc(0);
  }
}

test.run();

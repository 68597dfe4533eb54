import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { readHost, selectHost } from "../../src/config/host.ts";
import { parseConfig } from "../../src/config/load.ts";
import { UsageError } from "../../src/core/errors.ts";

const test = suite<{ dir: string; context: { env: Record<string, string>; signal: AbortSignal } }>("hosts");
test.before((context) => {
  context.dir = mkdtempSync(join(tmpdir(), "pikaci-host-"));
  const config = join(context.dir, "ssh_config");
  writeFileSync(config, "Host bilder\n  HostName 192.0.2.1\nHost *\n  User ci\n  ControlPath ~/%n\n");
  const env = { PATH: process.env.PATH ?? "", NIX_SSHOPTS: `-F ${config}` };
  context.context = { env, signal: new AbortController().signal };
});
test.after(({ dir }) => rmSync(dir, { recursive: true, force: true }));

const project = parseConfig(
  {
    host: "builder",
    hosts: {
      builder: { url: "ssh://b", workDir: "/w" },
      "gate.example": { url: "ssh://g" },
      local: { url: "local", workDir: "/l" },
    },
    jobs: { unit: { command: "true" } },
  },
  "/w",
  null,
);

const words: readonly (readonly [word: string, means: string, url: string, near?: string])[] = [
  ["local", "configured", "local"],
  ["builder", "configured", "ssh://b"],
  ["gate.example", "configured", "ssh://g"],
  ["ssh://x:22", "ssh", "ssh://x:22"],
  ["ssh://builder", "ssh", "ssh://builder"],
  ["ssh://bilder", "ssh", "ssh://bilder"],
  ["ci@builder", "ssh", "ssh://ci@builder"],
  ["bilder.lan", "ssh", "ssh://bilder.lan"],
  ["bilder:2222", "ssh", "ssh://bilder:2222"],
  ["192.0.2.1", "ssh", "ssh://192.0.2.1"],
  ["2001:db8::1", "ssh", "ssh://[2001:db8::1]"],
  ["ci@::1", "ssh", "ssh://ci@[::1]"],
  ["farm", "ssh", "ssh://farm"],
  ["constructor", "ssh", "ssh://constructor"],
  ["bilder", "unsure", "ssh://bilder", "builder"],
  ["BUILDER", "unsure", "ssh://BUILDER", "builder"],
  ["loacl", "unsure", "ssh://loacl", "local"],
];
for (const [word, means, url, near] of words)
  test(`${word}: ${means}`, () => {
    const read = readHost(project, word);
    assert.is(read.means, means);
    assert.is(read.means === "configured" ? read.host.url : read.url, url);
    if (read.means === "unsure") assert.is(read.near, near);
  });

for (const word of [
  "",
  "-x",
  "ssh://-x",
  "ssh://",
  "http://x",
  "a b",
  "a\nb",
  "a;b",
  "-oProxyCommand=x@h",
  "a@b@c",
])
  test(`no host: ${JSON.stringify(word)}`, () =>
    assert.throws(
      () => readHost(project, word),
      (error: unknown) =>
        error instanceof UsageError && error.message === `not a host: ${JSON.stringify(word)}`,
    ));

test("null is the project's default, as it is configured", async ({ context }) => {
  const { url, workDir } = await selectHost(project, null, context);
  assert.equal([url, workDir], ["ssh://b", "/w"]);
});

test("what the configuration does not describe has the defaults", async ({ context }) => {
  const plain = { name: "farm", url: "ssh://farm", workDir: null, leaseMs: 120_000 };
  assert.equal(await selectHost(project, "farm", context), plain);
});

test("an alias of ssh_config counts, however near a configured name is", async ({ context }) => {
  assert.is((await selectHost(project, "bilder", context)).url, "ssh://bilder");
});

test("what ssh_config does not know and resembles a configured name: did you mean", async ({ context }) => {
  const error: unknown = await selectHost(project, "buidler", context).catch((reason: unknown) => reason);
  assert.ok(error instanceof UsageError);
  assert.is(error.message, 'unknown host "buidler" (did you mean "builder"?)');
  assert.match(error.hint ?? "", "`--on ssh://buidler` means a host of that name");
});

test("an ssh_config that cannot be read knows nobody", async ({ context }) => {
  const broken = { ...context, env: { ...context.env, NIX_SSHOPTS: "-F /nonexistent" } };
  const error: unknown = await selectHost(project, "bilder", broken).catch((reason: unknown) => reason);
  assert.ok(error instanceof UsageError);
});

test.run();

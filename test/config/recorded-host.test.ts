import { suite } from "uvu";
import * as assert from "uvu/assert";
import { plainHost } from "../../src/config/project.ts";
import { isSamePlace, recordedHost } from "../../src/config/recorded-host.ts";
import { parseHostUrl } from "../../src/core/ids.ts";
import type { HostSpec } from "../../src/core/project.ts";

const url = parseHostUrl("ssh://builder");
const local = parseHostUrl("local");

function host(name: string, workDir: string | null, leaseMs: number): HostSpec {
  return { ...plainHost(name, url), workDir, leaseMs };
}

const hosts = {
  local: plainHost("local", local),
  a: host("a", "/a", 1),
  b: host("b", "/b", 2),
  c: host("c", "/b", 3),
  d: host("d", null, 4),
};

const DEFAULT_LEASE_MS = plainHost("x", url).leaseMs;

/** What is recorded, and the name, the work dir and the lease that it means. */
const meant: readonly (readonly [
  what: string,
  recorded: { host_name?: string; work_dir?: string | null },
  found: readonly [string, string | null, number],
])[] = [
  ["a host as it is configured", { host_name: "b", work_dir: "/b" }, ["b", "/b", 2]],
  ["another with the same place", { host_name: "c", work_dir: "/b" }, ["c", "/b", 3]],
  ["the default work dir", { host_name: "d", work_dir: null }, ["d", null, 4]],
  ["an address, in the default work dir", { host_name: "builder", work_dir: null }, ["builder", null, 4]],
  ["a host that got another name", { host_name: "old", work_dir: "/a" }, ["old", "/a", 1]],
  ["a host that got another work dir", { host_name: "a", work_dir: "/before" }, ["a", "/before", 1]],
  ["a host that is no more", { host_name: "gone", work_dir: "/gone" }, ["gone", "/gone", 1]],
  ["by an older pikaci: the first of that address", {}, ["a", "/a", 1]],
];

const test = suite("the host of a record");

for (const [what, recorded, found] of meant)
  test(what, () => {
    const { name, workDir, leaseMs, ...rest } = recordedHost({ hosts }, { host: url, ...recorded });
    assert.equal([name, workDir, leaseMs], found);
    assert.equal(rest, { url });
  });

test("an address that the configuration does not have", () => {
  const bare = { hosts: { local: hosts.local } };
  const old = recordedHost(bare, { host: url });
  assert.equal(old, { name: url, url, workDir: null, leaseMs: DEFAULT_LEASE_MS });
  const recorded = recordedHost(bare, { host: url, host_name: "b", work_dir: "/b" });
  assert.equal(recorded, { name: "b", url, workDir: "/b", leaseMs: DEFAULT_LEASE_MS });
});

test("a place is an address and a work dir, whatever its name", () => {
  assert.ok(isSamePlace(hosts.b, hosts.c));
  assert.not(isSamePlace(hosts.a, hosts.b));
  assert.not(isSamePlace(hosts.a, { ...hosts.a, url: local }));
});

test.run();

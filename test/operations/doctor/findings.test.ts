import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  type Clocks,
  clockDifference,
  judgeHost,
  type Measured,
} from "../../../src/operations/doctor/findings.ts";
import { parseFacts } from "../../../src/remote/facts.ts";

const well: Readonly<Record<string, string>> = {
  ...{ system: "Linux x86_64", user: "ci", uid: "1000", home: "/home/ci", work_dir: "/work" },
  ...{ space: "1000000 4096 500000", clock_ms: "1700000000000", missing_tools: "", gnu_tar: "yes" },
  ...{ setpriv: "yes", nix: "2.26.3 /nix/store /nix/store/x-pikaci-probe", store_here: "yes" },
  ...{ namespaces: "ok", overlay: "ok", bwrap: "ok", swept: "0" },
};
const NOW = 1_700_000_000_000;

/** The host answers in the middle of a round trip of two seconds, by a clock that is so far ahead. */
const clocks = (ahead: number): Clocks => ({
  askedMs: NOW - 1000,
  hostMs: NOW + ahead,
  answeredMs: NOW + 1000,
});

const measured: Measured = {
  ...{ connectMs: 100, roundTripMs: 10, clocks: clocks(0), channels: 8 },
  kvm: "boots",
  versions: { nix: "nix (Nix) 2.26.3", trusted: "", features: "" },
};

function bad(answers: Readonly<Record<string, string>>, more: Partial<Measured> = {}): string[] {
  const pairs = Object.entries({ ...well, ...answers }).map(([name, value]) => `${name}=${value}\0`);
  const findings = judgeHost(parseFacts(Buffer.from(pairs.join("")), null), { ...measured, ...more });
  assert.ok(findings.every(({ status, fix }) => (status === "ok") === (fix === null)));
  return findings
    .filter(({ status, check }) => status !== "ok" && check !== "minivm")
    .map(({ check, status, said }) => `${status} ${check}: ${said}`);
}

const cases = [
  ["a host that is well", {}, {}, []],
  ["no bubblewrap", { missing_tools: " bwrap" }, {}, ["problem sandbox: `bwrap` is missing"]],
  [
    "no namespaces",
    { namespaces: "failed: not permitted" },
    {},
    ["problem sandbox: it cannot make namespaces: not permitted"],
  ],
  [
    "no overlay",
    { overlay: "failed: unknown option" },
    {},
    ["warning overlay: private workspaces are copies: unknown option"],
  ],
  ["a full disk", { space: "10 4096 500000" }, {}, ["warning disk: 0.0 GB, 500000 inodes free in /work"]],
  ["no inodes", { space: "1000000 4096 7" }, {}, ["warning disk: 4.1 GB, 7 inodes free in /work"]],
  ["another hour", {}, { clocks: clocks(-3_601_000) }, ["warning clock: 3600 s behind this machine's"]],
  ["an hour ahead", {}, { clocks: clocks(3_601_000) }, ["warning clock: 3600 s ahead of this machine's"]],
  ["a clock that only seems to be late", {}, { clocks: clocks(-5500) }, []],
  ["few sessions", {}, { channels: 3 }, ["warning channels: 3 channels at once on one connection"]],
  [
    "what crashed runs had left",
    { reaped: "20260101T000000Z-0123abcd 3 processes" },
    {},
    ["warning leftovers: ended what crashed runs had left: 20260101T000000Z-0123abcd 3 processes"],
  ],
  [
    "what a killed client left",
    { unfetched: '20260101T000000Z-0123abcd 7200 "my project"' },
    {},
    [
      "warning unfetched: results and logs that no client has fetched: 20260101T000000Z-0123abcd (2 h, project my project)",
    ],
  ],
  [
    "no perl",
    { missing_tools: " perl" },
    {},
    ["warning secrets: `perl` is missing, which masks the logs of jobs with secrets"],
  ],
  [
    "no device",
    {},
    { kvm: "none" },
    ["warning kvm: there is no /dev/kvm: virtual machines are emulated, several times slower"],
  ],
  [
    "a device of others",
    {},
    { kvm: "closed" },
    ["warning kvm: the account may not open /dev/kvm: virtual machines are emulated, several times slower"],
  ],
  [
    "a device with which guests hang",
    {},
    { kvm: "hangs " },
    ["warning kvm: /dev/kvm opens, but no guest boots with it within 8 s"],
  ],
  ["root", { uid: "0" }, {}, ["warning account: it is root: jobs of the sandbox have its uid"]],
] as const;

for (const [what, answers, more, expected] of cases)
  test(what, () => assert.equal(bad(answers, more), [...expected]));

test("the way to the host and back is no difference of clocks", () => {
  const differences = [-1500, -1000, 0, 1000, 1001].map((ahead) => clockDifference(clocks(ahead)));
  assert.equal(differences, [-500, 0, 0, 0, 1]);
});

test.run();

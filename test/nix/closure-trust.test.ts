import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parseStorePath } from "../../src/core/ids.ts";
import {
  type ClosurePath,
  incomingSignatureError,
  parsePathInfos,
  parseTrust,
  refusedPaths,
  type StoreTrust,
  signatureError,
} from "../../src/nix/closure-trust.ts";

const test = suite("closure trust");
const store = (letter: string) => parseStorePath(`/nix/store/${letter.repeat(32)}-x`);
const [a, b] = [store("a"), store("b")];

const signed = { ca: "", signatures: ["k-1:AAAA", "other:BBBB"] };
const fixed = { ca: "fixed:r:sha256:x" };
const expected: ClosurePath[] = [
  { path: a, contentAddressed: false, signers: ["k-1", "other"] },
  { path: b, contentAddressed: true, signers: [] },
];
for (const [form, value] of [
  [
    "a list (2.8)",
    [
      { path: a, ...signed },
      { path: b, ...fixed },
    ],
  ],
  ["by path (2.26)", { [a]: { ...signed, ca: null }, [b]: fixed }],
  ["by name, versioned", { version: 2, info: { [a.slice(11)]: signed, [b.slice(11)]: fixed } }],
] as const)
  test(`path infos as ${form}`, () => assert.equal(parsePathInfos(JSON.stringify(value)), expected));

test("a path that is not valid says nothing", () => {
  assert.equal(parsePathInfos(JSON.stringify({ [a]: null })), []);
});

const trust: StoreTrust = { account: "untrusted", requireSigs: true, keys: ["k-1"] };
test("what a host says of its trust", () => {
  const body = "trusted = no\nrequire-sigs = true\ntrusted-public-keys = k-1:a= k-2:b=";
  assert.equal(parseTrust(body), { ...trust, keys: ["k-1", "k-2"] });
  assert.is(parseTrust("trusted = yes").account, "trusted");
  assert.equal(parseTrust("trusted = unknown\nrequire-sigs = false\ntrusted-public-keys = "), {
    account: "unknown",
    requireSigs: false,
    keys: [],
  });
});

const unsigned: ClosurePath = { path: a, contentAddressed: false, signers: [] };
const table: readonly (readonly [string, ClosurePath, Partial<StoreTrust>, readonly string[], boolean])[] = [
  ["unsigned and missing", unsigned, {}, [a], true],
  ["there already", unsigned, {}, [], false],
  ["by content", { ...unsigned, contentAddressed: true }, {}, [a], false],
  ["signed by a trusted key", { ...unsigned, signers: ["k-1"] }, {}, [a], false],
  ["signed by another", { ...unsigned, signers: ["k-9"] }, {}, [a], true],
  ["a trusted account", unsigned, { account: "trusted" }, [a], false],
  ["an account of unknown standing", unsigned, { account: "unknown" }, [a], false],
  ["no signatures asked for", unsigned, { requireSigs: false }, [a], false],
];
for (const [name, path, more, missing, refused] of table)
  test(name, () => {
    assert.is(refusedPaths([path], new Set(missing), { ...trust, ...more }).length, refused ? 1 : 0);
  });

test("the error names the path, the host, its keys and three ways out", () => {
  const error = signatureError([a, b], "ssh://builder", trust);
  assert.match(error.message, `ssh://builder would refuse ${a} (and 1 more)`);
  for (const way of [
    "k-1",
    `nix store sign --recursive --key-file KEY ${a}`,
    "trusted-public-keys",
    'from: "local"',
  ])
    assert.match(error.hint ?? "", way);
  assert.is(error.exitCode, 4);
});

test("the other way the three ways are other ones", () => {
  const error = incomingSignatureError([a, b], "ssh://builder", { ...trust, keys: [] });
  assert.match(error.message, `this machine would refuse ${a} (and 1 more) of ssh://builder`);
  for (const way of ["no key at all", "sign there", "trusted-public-keys", "--no-check-sigs"])
    assert.match(error.hint ?? "", way);
  assert.is(error.exitCode, 4);
});

test.run();

import {
  chmodSync,
  lutimesSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { makeDirectory, removeWorkspaces, writeFiles } from "../workspace.ts";
import { callHost, GNU_TOOLS, SHELLS } from "./call.ts";

const test = suite("what guests see of a host, on the host");
test.after(removeWorkspaces);

const FIELDS = ["packages", "local", "etc", "names"] as const;
type Field = (typeof FIELDS)[number];

const TIME = new Date("2020-01-01T00:00:00Z");

/** Writes a file that is from 2020, as one of an image is on every host that has it. */
function put(root: string, path: string, content: string): void {
  writeFiles(root, { [path]: content });
  utimesSync(join(root, path), TIME, TIME);
}

/** A link from 2020. */
function link(root: string, path: string, target: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  symlinkSync(target, join(root, path));
  lutimesSync(join(root, path), TIME, TIME);
}

/** The root of a host as Debian has one. */
function debian(): string {
  const root = makeDirectory();
  put(root, "etc/machine-id", "0123\n");
  put(root, "var/lib/dpkg/status", "Package: gcc\n");
  put(root, "usr/local/bin/tool", "#!/bin/sh\n");
  put(root, "usr/local/lib/odd\nname -o", "x");
  put(root, "etc/ld.so.cache", "libraries");
  put(root, "etc/ssl/certs/ca-certificates.crt", "certificates");
  put(root, "etc/hosts", "127.0.0.1 localhost\n");
  put(root, "etc/shadow", "secret");
  link(root, "etc/alternatives/cc", "/usr/bin/gcc");
  link(root, "etc/localtime", "../zone");
  put(root, "zone", "UTC0");
  return root;
}

const rpm = "var/lib/rpm/rpmdb.sqlite";
const others: Readonly<Record<string, (root: string) => void>> = {
  dpkg: (root) => put(root, "var/lib/dpkg/status", "Package: gcc\n"),
  apk: (root) => put(root, "lib/apk/db/installed", "P:gcc\n"),
  pacman: (root) => put(root, "var/lib/pacman/local/gcc-13-1/desc", "gcc"),
  rpm: (root) => put(root, rpm, "sqlite"),
  NixOS: (root) => link(root, "run/current-system", `/nix/store/${"0".repeat(32)}-nixos-system-a`),
};

function seen(root: string, shell: (typeof SHELLS)[number] = "dash"): Record<Field, string> {
  const before = `fact() { printf '%s=%s' "$1" "$2"; }\n${GNU_TOOLS}`;
  const { stdout, stderr } = callHost(shell, ["busybox", "etc", "seen"], ["check_seen", root], { before });
  assert.is(stderr, "");
  const digests = /^seen=(\w{64}) (\w{64}) (\w{64}) (\w{64})$/.exec(stdout)?.slice(1);
  assert.ok(digests, stdout);
  const [packages = "", local = "", etc = "", names = ""] = digests;
  return { packages, local, etc, names };
}

const changed = (root: string, change: (root: string) => void): Field[] => {
  const before = seen(root);
  change(root);
  const after = seen(root);
  return FIELDS.filter((field) => before[field] !== after[field]);
};

test("both shells say the same, and so does another host with the same files", () => {
  const root = debian();
  for (const shell of SHELLS) assert.equal(seen(root, shell), seen(root), shell);
  assert.equal(seen(debian()), seen(root));
});

const rewrite = (path: string, content: string) => (root: string) => writeFileSync(join(root, path), content);

const changes: readonly (readonly [
  what: string,
  fields: readonly Field[],
  change: (root: string) => void,
])[] = [
  ["a package", ["packages"], rewrite("var/lib/dpkg/status", "Package: gdb\n")],
  ["no package database", ["packages"], (root) => rmSync(join(root, "var/lib/dpkg/status"))],
  ["a second package manager", ["packages"], (root) => others.apk?.(root)],
  ["a tool that is gone", ["local"], (root) => rmSync(join(root, "usr/local/bin/tool"))],
  ["a tool that is added", ["local"], (root) => put(root, "usr/local/bin/more", "")],
  ["a tool of the same size", ["local"], rewrite("usr/local/bin/tool", "#!/bin/ab\n")],
  ["a tool that may not be run", ["local"], (root) => chmodSync(join(root, "usr/local/bin/tool"), 0o600)],
  ["a link", ["local"], (root) => link(root, "usr/local/bin/link", "tool")],
  ["an empty directory", ["local"], (root) => mkdirSync(join(root, "usr/local/share"))],
  ["no /usr/local", ["local"], (root) => rmSync(join(root, "usr/local"), { recursive: true })],
  [
    "content in /etc, of the same size and time",
    ["etc"],
    (root) => put(root, "etc/ld.so.cache", "LIBRARIES"),
  ],
  ["what a link in /etc leads to", ["etc"], (root) => put(root, "zone", "CET1")],
  [
    "an alternative",
    ["etc"],
    (root) => {
      rmSync(join(root, "etc/alternatives/cc"));
      link(root, "etc/alternatives/cc", "/usr/bin/clang");
    },
  ],
  ["a certificate", ["etc"], (root) => put(root, "etc/ssl/certs/new.pem", "")],
  ["a name", ["names"], rewrite("etc/hosts", "127.0.0.1 other\n")],
  ["a resolver that was not there", ["names"], (root) => put(root, "etc/resolv.conf", "nameserver ::1\n")],
  ["what no guest is shown", [], rewrite("etc/shadow", "other")],
  ["the host's id, where packages are told", [], rewrite("etc/machine-id", "4567\n")],
  ["a time of a directory", [], (root) => utimesSync(join(root, "usr/local/bin"), new Date(), new Date())],
];

for (const [what, fields, change] of changes)
  test(`${what}: ${fields.join() || "nothing"} changes`, () => {
    assert.equal(changed(debian(), change), fields);
  });

for (const [name, add] of Object.entries(others))
  test(`packages of ${name} are told, so the host's id does not count`, () => {
    const root = makeDirectory();
    add(root);
    put(root, "etc/machine-id", "0123\n");
    assert.equal(changed(root, rewrite("etc/machine-id", "4567\n")), []);
  });

const installs: Readonly<Record<string, (root: string) => void>> = {
  apk: rewrite("lib/apk/db/installed", "P:gdb\n"),
  pacman: (root) => put(root, "var/lib/pacman/local/gdb-14-1/desc", "gdb"),
  rpm: rewrite(rpm, "SQLITE"),
  NixOS: (root) => {
    rmSync(join(root, "run/current-system"));
    link(root, "run/current-system", `/nix/store/${"1".repeat(32)}-nixos-system-a`);
  },
};

for (const [name, install] of Object.entries(installs))
  test(`a package that ${name} installs is told`, () => {
    const root = makeDirectory();
    others[name]?.(root);
    assert.equal(changed(root, install), ["packages"]);
  });

test("an rpm database that was written with the old size and time is another", () => {
  const root = makeDirectory();
  put(root, rpm, "sqlite");
  const { size, mtimeMs } = statSync(join(root, rpm));
  assert.equal(
    changed(root, () => put(root, rpm, "SQLITE")),
    ["packages"],
  );
  assert.equal([statSync(join(root, rpm)).size, statSync(join(root, rpm)).mtimeMs], [size, mtimeMs]);
});

test("of a host whose packages nobody tells, the id counts, and what is added to its programs", () => {
  const root = makeDirectory();
  put(root, "etc/machine-id", "0123\n");
  put(root, "usr/bin/true", "");
  assert.equal(changed(root, rewrite("etc/machine-id", "4567\n")), ["packages"]);
  assert.equal(
    changed(root, (place) => put(place, "usr/bin/false", "")),
    ["packages"],
  );
});

test("a host without anything is told, too", () => {
  assert.is(new Set(Object.values(seen(makeDirectory()))).size, 2);
});

test("what of /etc is followed in any case is what the jail shows of a NixOS", () => {
  const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");
  const words = (text: string, pattern: RegExp) =>
    (pattern.exec(text)?.[1] ?? "").replaceAll("\\", " ").split(/\s+/).filter(Boolean);
  const own = words(read("src/host/etc.sh"), /etc_always='([^']*)'/);
  assert.ok(own.length > 5);
  assert.equal(words(read("nix/runners/jail/tree/lib/jail"), /for file in (alternatives[^;]*);/), own);
});

test.run();

// What src/host/seen.sh says of packages, with databases that real package managers write: `npm run test:packages`.
import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { makeDirectory, removeWorkspaces, writeFiles } from "../workspace.ts";
import { callHost, GNU_TOOLS, SHELLS } from "./call.ts";

const test = suite("packages of real package managers");
test.after(removeWorkspaces);

/** A package manager whose database is below `root`, and two versions of one package that it has made or can read. */
interface Manager {
  install(version: "1" | "2"): void;
  /** Looks at the database, as the host's people and programs do. */
  query(): void;
  remove(): void;
}

const MANAGERS: Readonly<Record<string, (root: string) => Manager>> = {
  rpm(root) {
    const made = makeDirectory();
    const spec = (version: string) =>
      `Name: a\nVersion: ${version}\nRelease: 1\nSummary: a\nLicense: MIT\nBuildArch: noarch\n%description\na\n%files\n`;
    for (const version of ["1", "2"]) {
      writeFiles(made, { [`a-${version}.spec`]: spec(version) });
      const words = ["-bb", "--quiet", "--define", `_topdir ${made}`, join(made, `a-${version}.spec`)];
      execFileSync("rpmbuild", words, { stdio: "pipe" });
    }
    const rpm = (...words: string[]) =>
      execFileSync("rpm", ["--dbpath", join(root, "var/lib/rpm"), ...words], { stdio: "pipe" });
    return {
      install: (version) =>
        void rpm("-U", "--justdb", "--nodeps", join(made, `RPMS/noarch/a-${version}-1.noarch.rpm`)),
      query: () => assert.match(String(rpm("-qa")), /^a-/),
      remove: () => void rpm("-e", "--justdb", "a"),
    };
  },
  pacman(root) {
    const made = makeDirectory();
    const about = (version: string) =>
      `pkgname = a\npkgbase = a\npkgver = ${version}-1\npkgdesc = a\nurl =\nbuilddate = 1577836800\npackager = a\nsize = 4\narch = any\n`;
    writeFiles(made, { conf: "[options]\nArchitecture = auto\nSigLevel = Never\n" });
    for (const version of ["1", "2"]) {
      writeFiles(made, { [`${version}/.PKGINFO`]: about(version), [`${version}/usr/share/a`]: version });
      const archive = join(made, `a-${version}-1-any.pkg.tar.gz`);
      execFileSync("tar", ["-C", join(made, version), "-czf", archive, ".PKGINFO", "usr"]);
    }
    const database = join(root, "var/lib/pacman");
    mkdirSync(database, { recursive: true });
    const place = ["--config", join(made, "conf"), "--root", root, "--dbpath", database, "--noconfirm"];
    const pacman = (...words: string[]) =>
      execFileSync("pacman", [...place, "--cachedir", made, "--logfile", join(made, "log"), ...words], {
        stdio: "pipe",
      });
    return {
      install: (version) => void pacman("-U", join(made, `a-${version}-1-any.pkg.tar.gz`)),
      query: () => assert.match(String(pacman("-Q")), /^a /),
      remove: () => void pacman("-R", "a"),
    };
  },
};

function packagesOf(root: string, shell: (typeof SHELLS)[number]): string {
  const { status, stdout, stderr } = callHost(shell, ["busybox", "etc", "seen"], ["list_packages", root], {
    before: GNU_TOOLS,
  });
  assert.is(status, 0, stderr);
  return stdout;
}

for (const [name, open] of Object.entries(MANAGERS))
  for (const shell of SHELLS)
    test(`${shell}: each change of ${name}'s database is seen, and no look at it`, () => {
      const root = makeDirectory();
      const manager = open(root);
      const told: string[] = [];
      const note = () => told.push(packagesOf(root, shell));
      for (const change of [() => manager.install("1"), () => manager.install("2"), () => manager.remove()]) {
        change();
        note();
      }
      assert.is(new Set(told).size, told.length, told.join("\n"));
      manager.install("1");
      note();
      manager.query();
      note();
      assert.is(told.at(-1), told.at(-2));
      const database = `var/lib/${name === "rpm" ? "rpm" : "pacman/local"}`;
      // With its last package a database may say nothing any more, and the host's id counts.
      for (const text of told.slice(0, 2)) {
        assert.match(text, new RegExp(`^${database} `));
        assert.not.match(text, "host ");
      }
    });

test.run();

import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { openRig } from "../lab/rig.ts";

/** A small real project, whose job is green, and red with a test that is broken. */
interface Row {
  readonly files: Readonly<Record<string, string>>;
  readonly broken: Readonly<Record<string, string>>;
  /** The job that `init` proposes, and what its log shows of the tests that ran. */
  readonly job: string;
  readonly ran: RegExp;
  /** Executable files below the account's home. */
  readonly home?: Readonly<Record<string, string>>;
  /** A shell command in the project before `init`. */
  readonly setUp?: string;
}

const isTwo = (value: string) => `assert two() == ${value}`;
const rust = (value: string) => ({
  "Cargo.toml": '[package]\nname = "two"\nversion = "0.1.0"\nedition = "2021"\n\n[dependencies]\n',
  "src/lib.rs": `pub fn two() -> i32 { 2 }\n\n#[test]\nfn is_two() { assert_eq!(two(), ${value}); }\n`,
});
const go = (value: string) => ({
  "go.mod": "module example.org/two\n\ngo 1.19\n",
  "two.go": "package two\n\nfunc Two() int { return 2 }\n",
  "two_test.go": `package two\n\nimport "testing"\n\nfunc TestTwo(t *testing.T) {\n\tif Two() != ${value} {\n\t\tt.Fatal("no")\n\t}\n}\n`,
});
const c = "int main(void) { return ";
const cmake =
  "cmake_minimum_required(VERSION 3.18)\nproject(two C)\nenable_testing()\nadd_executable(two two.c)\nadd_test(NAME two COMMAND two)\n";
const meson = "project('two', 'c')\ntest('two', executable('two', 'two.c'))\n";
/** Needs Debian's configuration of both in /etc: a security provider is named there, and so is Maven's class path. */
const java = (value: string) => ({
  Makefile: "test:\n\tmvn --version\n\tjava Two.java\n",
  "Two.java": `import java.security.MessageDigest;
public class Two {
  public static void main(String[] words) throws Exception {
    System.out.println("ran with " + MessageDigest.getInstance("SHA-256").getAlgorithm());
    if (1 + 1 != ${value}) System.exit(1);
  }
}
`,
});
const python = (value: string) => ({
  "two.py": "def two():\n    return 2\n",
  "tests/__init__.py": "",
  "tests/test_two.py": `import unittest\nfrom two import two\n\nclass Two(unittest.TestCase):\n    def test_two(self):\n        ${isTwo(value)}\n`,
});

const rows: Readonly<Record<string, Row>> = {
  "Debian's cargo": {
    files: rust("2"),
    broken: rust("3"),
    job: "cargo",
    ran: /test is_two \.\.\. (?:ok|FAILED)/,
  },
  "a toolchain of rustup": {
    files: rust("2"),
    broken: rust("3"),
    job: "cargo",
    ran: /from the toolchain[\s\S]*test is_two \.\.\. (?:ok|FAILED)/,
    home: {
      ".cargo/bin/rustup": "exit 1",
      ".cargo/bin/cargo": "-> rustup",
      ".rustup/settings.toml": 'default_toolchain = "stable-x"',
      ".rustup/toolchains/stable-x/bin/cargo": 'echo from the toolchain; exec /usr/bin/cargo "$@"',
    },
  },
  "Debian's Go": { files: go("2"), broken: go("3"), job: "go", ran: /(?:ok {2}|FAIL)\s+example.org\/two/ },
  "Debian's Java and Maven": {
    files: java("2"),
    broken: java("3"),
    job: "test",
    ran: /Maven home: \/usr\/share\/maven[\s\S]*^ran with SHA-256$/m,
  },
  "CMake and CTest": {
    files: { "CMakeLists.txt": cmake, "two.c": `${c}0; }\n` },
    broken: { "two.c": `${c}1; }\n` },
    job: "ctest",
    ran: /1\/1 Test #1: two/,
  },
  Meson: {
    files: { "meson.build": meson, "two.c": `${c}0; }\n` },
    broken: { "two.c": `${c}1; }\n` },
    job: "meson",
    ran: /1\/1 two +(?:OK|FAIL)/,
  },
  unittest: {
    files: { "setup.py": "", ...python("2") },
    broken: python("3"),
    job: "unittest",
    ran: /Ran 1 test/,
  },
  pytest: {
    files: { "pytest.ini": "[pytest]\n", ...python("2") },
    broken: python("3"),
    job: "pytest",
    ran: /1 (?:passed|failed)/,
  },
  "a virtual environment": {
    files: {
      "pyproject.toml": 'test = ["pytest"]\n',
      "test_two.py": `from two import two\n\ndef test_two():\n    ${isTwo("2")}\n`,
    },
    broken: { "test_two.py": `from two import two\n\ndef test_two():\n    ${isTwo("3")}\n` },
    job: "pytest",
    ran: /1 (?:passed|failed)/,
    setUp:
      "/usr/bin/python3 -m venv --system-site-packages .venv && cd .venv/lib/python3*/site-packages && echo 'def two(): return 2' > two.py && cd - && echo .venv > .gitignore",
  },
  "make, beside a workflow": {
    files: {
      GNUmakefile: "include Makefile\n",
      Makefile: "lint test:\n\tsh test.sh\n",
      "test.sh": "echo ran; exit 0\n",
      ".github/workflows/ci.yml": "jobs: { a: { runs-on: ubuntu-latest, steps: [{ run: make lint }] } }\n",
    },
    broken: { "test.sh": "echo ran; exit 1\n" },
    job: "test",
    ran: /^ran$/m,
  },
  "just, a program by itself": {
    files: { justfile: "test:\n  sh test.sh\n", "test.sh": "exit 0\n" },
    broken: { "test.sh": "exit 1\n" },
    job: "test",
    ran: /a stand-in for just ran test/,
    home: { ".local/bin/just": 'echo "a stand-in for just ran $1"; sh "$1.sh"' },
  },
};

function fill(home: string, files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    const file = join(home, path);
    mkdirSync(dirname(file), { recursive: true });
    if (text.startsWith("-> ")) execFileSync("ln", ["-s", text.slice(3), file]);
    else writeFileSync(file, path.endsWith(".toml") ? `${text}\n` : `#!/bin/sh\n${text}\n`);
    if (!text.startsWith("-> ")) chmodSync(file, 0o755);
  }
}

const test = suite("toolchains");
const wanted = process.env.PIKACI_TOOLCHAIN ?? "";
for (const [name, { files, broken, job, ran, home: programs = {}, setUp = "true" }] of Object.entries(rows)) {
  if (!name.includes(wanted)) continue;
  test(name, async () => {
    const home = mkdtempSync(join(tmpdir(), "pikaci-toolchain-"));
    fill(home, programs);
    const PATH = [".cargo/bin", ".local/bin"].map((one) => join(home, one)).join(":");
    const rig = openRig({ HOME: home, PATH: `${PATH}:/usr/bin:/bin` });
    try {
      rig.write(files);
      rig.shell(setUp);
      const init = await rig.pikaci("init");
      assert.is(init.code, 0, init.stderr);
      const green = await rig.pikaci("run");
      assert.is(green.code, 0, green.stderr);
      assert.match(rig.jobFile(job, "guest.log"), ran);
      rig.write(broken);
      const red = await rig.pikaci("run");
      assert.is(red.code, 1, red.stderr);
      assert.match(rig.jobFile(job, "guest.log"), ran);
    } finally {
      rig.remove();
      rmSync(home, { recursive: true, force: true });
    }
  });
}

test.run();

import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { JobInput, Tool } from "../../../src/operations/init/tool.ts";
import { proposed, type Seen, withTools } from "./memory.ts";

const test = suite("init: proposals");

type Wanted = Partial<Omit<JobInput, "command">> & { readonly command?: JobInput["command"] | RegExp };

interface Row extends Seen {
  readonly name: string;
  readonly files: Readonly<Record<string, string>>;
  /** By the jobs' names, the parts that matter; those that are not named must not be there. */
  readonly jobs: Readonly<Record<string, Wanted>>;
  /** What of the flake's checks is proposed; absent: nothing. */
  readonly proposes?: object | true;
  readonly says: RegExp;
}

const npm = (scripts: object, more: object = {}) => JSON.stringify({ scripts, ...more });
const tree = (from: string, path: string, bin = "bin"): Tool => ({ kind: "tree", from, path, bin });
const PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/run/current-system/sw/bin";
const mounted = (path: string) => ({ path, at: path });
const modules = { node_modules: mounted("node_modules") };
const registry = '[[package]]\nname = "a"\nsource = "registry+https://x"\n';

const node: readonly Row[] = [
  {
    name: "npm with dependencies",
    files: { "package.json": npm({ test: "x", build: "y", other: "z" }, { devDependencies: { a: "1" } }) },
    jobs: {
      test: { command: "npm run test", prepare: modules },
      build: { command: "npm run build", prepare: modules },
    },
    says: /scripts test, build, run by npm, without network[\s\S]*is missing; run `npm install`/,
  },
  {
    name: "a workspace with packages that have modules of their own",
    files: {
      "package.json": npm({ test: "x" }, { workspaces: ["packages/*"] }),
      "pnpm-lock.yaml": "",
      "node_modules/a/node_modules/b/package.json": "{}",
      "node_modules/a/package.json": "{}",
      "packages/a/package.json": "{}",
      "packages/a/node_modules/b": "",
      "packages/b/package.json": "{}",
      "packages/deep/@x/c/package.json": "{}",
      "packages/deep/@x/c/node_modules/b": "",
      "fixture/node_modules/b": "",
      ".cache/x/package.json": "{}",
      ".cache/x/node_modules/b": "",
    },
    jobs: {
      test: {
        command: "pnpm run test",
        prepare: {
          ...modules,
          "packages-a-node_modules": mounted("packages/a/node_modules"),
          "packages-deep-x-c-node_modules": mounted("packages/deep/@x/c/node_modules"),
        },
      },
    },
    says: /node_modules: as it is installed here, sent to the host and mounted/,
  },
  {
    name: "packages whose paths make the same name",
    files: {
      "package.json": npm({ test: "x" }),
      ...Object.fromEntries(
        ["a/b", "a-b", "A-b"].flatMap((path) => [
          [`${path}/package.json`, "{}"],
          [`${path}/node_modules/b`, ""],
        ]),
      ),
      "node_modules/x": "",
    },
    jobs: {
      test: {
        prepare: {
          ...modules,
          "A-b-node_modules": mounted("A-b/node_modules"),
          "a-b-node_modules-2": mounted("a/b/node_modules"),
          "a-b-node_modules-3": mounted("a-b/node_modules"),
        },
      },
    },
    says: /./,
  },
  {
    name: "pnpm without any",
    files: { "package.json": npm({ lint: "x" }), "pnpm-lock.yaml": "" },
    jobs: { lint: { command: "pnpm run lint" } },
    says: /run by pnpm/,
  },
  {
    name: "node and npm of nvm",
    files: { "package.json": npm({ test: "x" }) },
    find: withTools({ node: tree("nvm", "/h/.nvm/v20"), npm: tree("nvm", "/h/.nvm/v20") }),
    jobs: {
      test: { prepare: { node: { path: "/h/.nvm/v20" } }, env: { PATH: `/prepared/node/bin:${PATH}` } },
    },
    says: /node: nvm's, sent to the host/,
  },
  {
    name: "npm's own placeholder is no test",
    files: {
      "package.json": npm({ test: 'echo "Error: no test specified" && exit 1' }),
      Makefile: "all:\ntest: all\n",
    },
    jobs: { test: { command: "make test" } },
    says: /Makefile/,
  },
  {
    name: "a broken package.json",
    files: { "package.json": "{" },
    jobs: { test: { command: /write the command that tests this project.*exit 1$/ } },
    says: /fails until its command is written/,
  },
];

const rust: readonly Row[] = [
  {
    name: "Rust without dependencies and lock",
    files: { "Cargo.toml": '[package]\nname = "a"\n[dependencies]\nb = { path = "b" }\n' },
    jobs: { cargo: { command: "cargo test --offline", caches: ["cargo"] } },
    says: /no network: every crate is in the tree[\s\S]*no Cargo.lock, so without --locked/,
  },
  {
    name: "Rust with a dependency and no lock",
    files: { "Cargo.toml": '[dependencies]\nserde = "1"\n' },
    jobs: { cargo: { command: "cargo test", network: "host" } },
    says: /network: crates are fetched/,
  },
  {
    name: "Rust with a table for a dependency",
    files: { "Cargo.toml": '[dev-dependencies.serde]\nversion = "1"\n' },
    jobs: { cargo: { command: "cargo test", network: "host" } },
    says: /network/,
  },
  {
    name: "Rust with a lock of its own crates",
    files: { "Cargo.toml": "[workspace]\n", "Cargo.lock": '[[package]]\nname = "a"\n' },
    jobs: { cargo: { command: "cargo test --workspace --locked --offline" } },
    says: /no network/,
  },
  {
    name: "Rust with a lock that needs the registry, in a toolchain of rustup",
    files: { "Cargo.toml": "[package]\n", "Cargo.lock": registry },
    find: withTools({ cargo: tree("rustup", "/h/.rustup/toolchains/stable") }),
    jobs: {
      cargo: {
        command: "cargo test --locked",
        network: "host",
        prepare: { rust: { path: "/h/.rustup/toolchains/stable" } },
        env: {
          PATH: `/prepared/rust/bin:${PATH}`,
          CARGO_HOME: "/cache/cargo/home",
          CARGO_TARGET_DIR: "/cache/cargo/target",
        },
      },
    },
    says: /cargo: rustup's, sent to the host from \/h/,
  },
  {
    name: "Rust with vendored crates",
    files: {
      "Cargo.toml": "[package]\n",
      "Cargo.lock": registry,
      ".cargo/config.toml": '[source.crates-io]\nreplace-with = "vendored"\n',
      "vendor/a/Cargo.toml": "",
    },
    jobs: { cargo: { command: "cargo test --locked --offline" } },
    says: /no network/,
  },
];

const others: readonly Row[] = [
  {
    name: "Go",
    files: { "go.mod": "module a\n" },
    jobs: { go: { command: "go test -count=1 ./...", caches: ["go"] } },
    says: /go: the host must have it in \/usr, as this machine has \/usr\/bin\/go[\s\S]*no network/,
  },
  {
    name: "Go with modules, which is not here",
    files: { "go.mod": "module a\nrequire (\n\tb v1\n)\n" },
    find: withTools({ go: { kind: "missing", looked: "looked everywhere" } }),
    jobs: { go: { network: "host" } },
    says: /go: not found here \(looked everywhere\)[\s\S]*network: modules are fetched/,
  },
  {
    name: "Go with vendored modules, beside the host's PATH",
    files: { "go.mod": "require b v1\n", "vendor/modules.txt": "" },
    find: withTools({ go: { kind: "usr", path: "/usr/local/go/bin/go", directory: "/usr/local/go/bin" } }),
    jobs: {
      go: {
        env: {
          PATH: `/usr/local/go/bin:${PATH}`,
          GOCACHE: "/cache/go/build",
          GOMODCACHE: "/cache/go/modules",
          GOPATH: "/tmp/go",
          GOFLAGS: "-modcacherw",
          GOTOOLCHAIN: "local",
        },
      },
    },
    says: /no network/,
  },
  {
    name: "Go of a dev shell",
    files: { "go.mod": "module a\n", "flake.nix": "{ }" },
    find: withTools({ go: { kind: "shell", path: "/nix/store/x-go/bin/go" } }),
    jobs: {
      go: {
        command:
          "PATH=$(grep -o '/nix/store/[0-9a-z]*-[0-9A-Za-z+._?=-]*' /prepared/shell | sed 's,$,/bin,' | tr '\\n' ':')$PATH; go test -count=1 ./...",
        prepare: { shell: ".#devShells.x86_64-linux.default.inputDerivation" },
      },
    },
    says: /from the flake's dev shell \(\/nix\/store\/x-go\/bin\/go\)/,
  },
  {
    name: "pytest",
    files: { "pyproject.toml": "[tool.pytest.ini_options]\n", "src/a/__init__.py": "" },
    jobs: {
      pytest: {
        command: "python3 -m pytest -p no:cacheprovider",
        env: { PYTHONDONTWRITEBYTECODE: "1", PYTHONPATH: "/workspace/src" },
      },
    },
    says: /pyproject.toml: `python3 -m pytest/,
  },
  {
    name: "unittest",
    files: { "setup.py": "", "tests/test_a.py": "" },
    jobs: { unittest: { command: "python3 -m unittest discover -s tests -t ." } },
    says: /what the tests import must be in the host's \/usr/,
  },
  {
    name: "Python without tests",
    files: { "setup.py": "" },
    jobs: { test: {} },
    says: /nothing here that pikaci knows how to test/,
  },
  {
    name: "a virtual environment of uv's own Python, with pytest",
    files: {
      "pyproject.toml": "",
      "uv.lock": "",
      ".venv/pyvenv.cfg": "home = /h/python/3.12/bin\n",
      ".venv/lib/python3.12/site-packages/pytest/__init__.py": "",
    },
    jobs: {
      pytest: {
        prepare: { venv: { path: ".venv" }, python: { path: "/h/python/3.12" } },
        env: {
          PATH: `/prepared/python/bin:${PATH}`,
          PYTHONDONTWRITEBYTECODE: "1",
          PYTHONPATH: "/prepared/venv/lib/python3.12/site-packages",
        },
      },
    },
    says: /.venv: as it is installed here, sent to the host; no network/,
  },
  {
    name: "uv without an environment",
    files: { "pyproject.toml": 'dev = ["pytest"]', "uv.lock": "" },
    find: withTools({ uv: { kind: "file", path: "/h/.local/bin/uv" } }),
    jobs: {
      pytest: {
        command: "uv run --frozen python -m pytest -p no:cacheprovider",
        network: "host",
        caches: ["uv"],
        prepare: { uv: { path: "/h/.local/bin/uv" } },
        env: {
          PATH: `/prepared:${PATH}`,
          PYTHONDONTWRITEBYTECODE: "1",
          UV_CACHE_DIR: "/cache/uv",
          UV_PROJECT_ENVIRONMENT: "/tmp/venv",
        },
      },
    },
    says: /after `uv sync` here/,
  },
  {
    name: "CMake with CTest",
    files: { "CMakeLists.txt": "project(a)\nEnable_Testing()\n" },
    jobs: {
      ctest: {
        command:
          "cmake -S . -B /cache/build && cmake --build /cache/build --parallel 2 && cd /cache/build && ctest --output-on-failure --no-tests=error",
        caches: ["build"],
      },
    },
    says: /builds, then `ctest`/,
  },
  {
    name: "CMake without tests",
    files: { "CMakeLists.txt": "project(a)\n# enable_testing()\n" },
    jobs: { cmake: { command: "cmake -S . -B /cache/build && cmake --build /cache/build --parallel 2" } },
    says: /builds only, as it enables no tests/,
  },
  {
    name: "Meson with tests in a directory",
    files: { "meson.build": "project('a', 'c')\nsubdir('t')\n", "t/meson.build": "test('x', exe)\n" },
    jobs: { meson: { command: /meson test -C \/cache\/build --print-errorlogs$/ } },
    says: /then `meson test`/,
  },
  {
    name: "Meson without tests, with a wrap",
    files: { "meson.build": "project('a', 'c')\n", "subprojects/z.wrap": "" },
    jobs: { meson: { command: /meson compile -C \/cache\/build$/, network: "host" } },
    says: /no `test\(` was found/,
  },
  {
    name: "Gradle with its wrapper",
    files: { "build.gradle.kts": "", gradlew: "" },
    jobs: { gradle: { command: "sh ./gradlew --no-daemon --console=plain test", network: "host" } },
    says: /build.gradle.kts: `gradle test`/,
  },
  {
    name: "Maven",
    files: { "pom.xml": "<project/>" },
    jobs: { maven: { command: "mvn --batch-mode -Dmaven.repo.local=/cache/maven test", network: "host" } },
    says: /mvn: the host must have it/,
  },
  {
    name: "a justfile",
    files: { justfile: "set shell := ['sh']\nx := '1'\n@test pattern='': build\n\trun\n", Makefile: "test:" },
    jobs: { test: { command: "just test" } },
    says: /justfile: `just test`/,
  },
  {
    name: "a justfile whose test wants an argument",
    files: { justfile: "test name:\n\trun {{name}}\nci:\n\tx\n" },
    jobs: { ci: { command: "just ci" } },
    says: /just ci/,
  },
  {
    name: "a Taskfile",
    files: { "Taskfile.yml": "version: '3'\ntasks:\n  test:\n    cmds: [x]\n" },
    jobs: { test: { command: "task test" } },
    says: /Taskfile.yml: `task test`/,
  },
  {
    name: "a broken Taskfile",
    files: { "Taskfile.yml": "tasks: [", Makefile: "check:" },
    jobs: { check: { command: "make check" } },
    says: /Makefile/,
  },
  {
    name: "make check",
    files: { Makefile: "test:\ncheck:\nx := 1\n" },
    jobs: { check: { command: "make check" } },
    says: /Makefile: `make check`/,
  },
  {
    name: "a directory in the way of make test",
    files: { Makefile: ".PHONY: all\ntest:\n\tx\n", "test/a": "" },
    jobs: { test: { command: "make -B test" } },
    says: /make takes the test that is there for made already; `.PHONY: test` in Makefile/,
  },
  {
    name: "a directory that .PHONY names, in an included file",
    files: { Makefile: "include a.mk\ntest:\n\tx\n", "a.mk": ".PHONY: all \\\n  test # b\n", "test/a": "" },
    jobs: { test: { command: "make test" } },
    says: /Makefile: `make test`/,
  },
  {
    name: "several targets on one line",
    files: { Makefile: "all test \\\n  lint: deps\n\tx\n" },
    jobs: { test: { command: "make test" } },
    says: /make test/,
  },
  {
    name: "GNUmakefile beside Makefile",
    files: { GNUmakefile: "include ./Makefile\nci::\n", Makefile: "include GNUmakefile\ntest:\n" },
    jobs: { test: { command: "make test" } },
    says: /GNUmakefile: `make test`/,
  },
  {
    name: "a GNUmakefile alone counts for make",
    files: { GNUmakefile: "ci:\n", Makefile: "check:\n" },
    jobs: { ci: { command: "make ci" } },
    says: /GNUmakefile: `make ci`/,
  },
  {
    name: "no target of make, but an assignment, a pattern and a recipe's line",
    files: { Makefile: ".PHONY: test\ntest = a:b\n%.o check%: x\nall:\n\ttest: no\n" },
    jobs: { test: { command: /exit 1$/ } },
    says: /knows how to test/,
  },
  {
    name: "a flake's checks",
    files: { "flake.nix": "" },
    checks: ["a", "v1.0"],
    jobs: {},
    proposes: true,
    says: /each check of x86_64-linux is a job: a, v1\.0$/,
  },
  {
    name: "a flake's checks with names that no jobs can have",
    files: { "flake.nix": "" },
    checks: ["A", "a", "b c", "x".repeat(59)],
    jobs: {},
    proposes: { exclude: ["a", "b c", "x".repeat(59)] },
    says: /is a job: A$/,
  },
  {
    name: "a flake that was not evaluated",
    files: { "flake.nix": "{ outputs = _: { checks.x86_64-linux.a = 1; }; }", Makefile: "check:" },
    jobs: { check: { command: "make check" } },
    proposes: true,
    says: /flake\.nix: it has checks; each of them is a job[\s\S]*make check/,
  },
  {
    name: "checks in a function for each system, as flake-utils and flake-parts have them",
    files: { "flake.nix": "{ outputs = i: i.u.each (system: { checks = { a = 1; }; }); }" },
    jobs: {},
    proposes: true,
    says: /it has checks/,
  },
  {
    name: "checks on a machine without Nix",
    files: { "flake.nix": "{ outputs = _: { checks.x86_64-linux.a = 1; }; }" },
    nix: "missing",
    jobs: { test: {} },
    says: /knows how to test/,
  },
  {
    name: "a flake that has no checks in its text, but a word, a comment and a local name",
    files: {
      "flake.nix": 'let checks = 1; in { outputs = _: { a = "checks"; b = checks; # checks = 2;\n }; }',
    },
    jobs: { test: {} },
    says: /no checks are seen in its text; `pikaci init --checks` evaluates it/,
  },
  {
    name: "checks beside a workflow's jobs",
    files: {
      "flake.nix": "{ outputs = _: { checks.x86_64-linux.a = 1; }; }",
      ".github/workflows/a.yml": "jobs: { b: { runs-on: ubuntu-latest, steps: [{ run: make }] } }",
    },
    jobs: { "a-b": {} },
    proposes: true,
    says: /it has checks/,
  },
  {
    name: "a flake without checks",
    files: { "flake.nix": "" },
    checks: [],
    jobs: { test: {} },
    says: /no checks for x86_64-linux/,
  },
  { name: "nothing", files: {}, jobs: { test: {} }, says: /nothing here that pikaci knows how to test/ },
  {
    name: "several at once",
    files: { "flake.nix": "", "Cargo.toml": "", Makefile: "check:" },
    checks: ["a"],
    jobs: { cargo: {} },
    proposes: true,
    says: /Cargo.*\n.*each check/,
  },
];

for (const { name, files, jobs, says, proposes, ...seen } of [...node, ...rust, ...others])
  test(name, async () => {
    const { config, notes, comments } = await proposed(files, seen);
    assert.equal(Object.keys(config.jobs).sort(), Object.keys(jobs).sort());
    assert.equal(config.checks, proposes);
    for (const [job, wanted] of Object.entries(jobs)) {
      const made = { ...config.jobs[job] };
      if (wanted.network === undefined) assert.is(made.network, undefined, `${job} has a network`);
      const { command, ...rest } = wanted;
      if (command instanceof RegExp) assert.match(String(made.command), command);
      else if (command !== undefined) assert.equal(made.command, command);
      assert.equal({ ...made, ...rest }, made);
    }
    assert.match([...notes, ...Object.values(comments).flat()].join("\n"), says);
  });

test("checks are in the default target where there are targets, and what is left out is said", async () => {
  const files = {
    "flake.nix": "{ outputs = _: { checks.x86_64-linux.a = 1; }; }",
    ".github/workflows/a.yml": "jobs: { b: { runs-on: ubuntu-latest, steps: [{ run: make }] } }",
  };
  const { config, leftOut } = await proposed(files);
  assert.equal(config.targets?.default?.checks, true);
  assert.equal(config.targets?.default?.jobs, []);
  assert.equal(config.targets?.workflows?.jobs, ["a-b"]);
  assert.equal(leftOut, []);
  const without = await proposed(files, { nix: "missing" });
  assert.match(without.leftOut.join("\n"), "flake.nix: its checks, for this machine has no Nix");
  assert.equal(without.config.targets, undefined);
  const odd = await proposed(files, { checks: ["b c"] });
  assert.match(odd.leftOut.join("\n"), `flake.nix: the check "b c", whose name cannot be a job's`);
});

test.run();

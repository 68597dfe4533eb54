import type { Counts } from "./counts.ts";

export type Colour = "red" | "green";

/**
 * A program that writes test reports, and its two projects below test/fixtures/producers: `red` has every outcome that it
 * knows, `green` all of them with which it ends with 0. Scripts find COLOUR, and OUT, where the reports go.
 */
export interface Producer {
  /** Its directory there. */
  readonly name: string;
  readonly from: "here" | "Debian" | "npm";
  /** What `ask` prints. */
  readonly version: string;
  readonly ask: string;
  readonly build?: string;
  readonly run: string;
  /** The counts in its own summary. */
  says(output: string): Partial<Counts>;
  /**
   * Reports, and by how much pikaci rightly counts more than the summary says; `other` is passed over. docs/test-reports.md
   * has the reasons.
   */
  readonly reports: Readonly<Record<string, Readonly<Partial<Record<Colour, Partial<Counts>>>> | "other">>;
}

/** The sum of the numbers in front of (or behind) words; a word that is not there counts nothing. */
function sum(output: string, ...patterns: readonly RegExp[]): number {
  return patterns.reduce((total, pattern) => total + Number(pattern.exec(output)?.[1] ?? 0), 0);
}

function times(output: string, pattern: RegExp): number {
  return [...output.matchAll(pattern)].length;
}

/** Links npm's packages where a project looks for them. */
const LINK = 'ln -sfn "$(dirname "$(dirname "$(command -v vitest)")")" node_modules';

export const NODE: Producer = {
  name: "node",
  from: "here",
  version: "v",
  ask: "node --version",
  run: 'node --test --test-reporter=junit --test-reporter-destination="$OUT/node.xml" --test-reporter=tap --test-reporter-destination="$OUT/node.tap" --test-reporter=spec --test-reporter-destination=stdout "$COLOUR.mjs"',
  says: (output) => ({
    passed: sum(output, /^ℹ pass (\d+)/m),
    bad: sum(output, /^ℹ fail (\d+)/m),
    skipped: sum(output, /^ℹ skipped (\d+)/m, /^ℹ todo (\d+)/m),
  }),
  // A test that fails because a subtest of its own does is counted there, too; one that passes with its subtests as well.
  reports: {
    "node.xml": { red: { bad: -1 }, green: { passed: -1 } },
    "node.tap": { red: { bad: -1 }, green: { passed: -1 } },
  },
};

const DEBIAN: readonly Producer[] = [
  {
    name: "pytest",
    from: "Debian",
    version: "pytest 7.2.1",
    ask: "/usr/bin/python3 -m pytest --version",
    run: '/usr/bin/python3 -m pytest --junitxml="$OUT/pytest.xml" "test_$COLOUR.py"',
    says: (output) => ({
      passed: sum(output, /(\d+) passed/),
      bad: sum(output, /(\d+) failed/, /(\d+) errors?\b/),
      skipped: sum(output, /(\d+) skipped/, /(\d+) xfailed/),
    }),
    reports: { "pytest.xml": { red: { skipped: -1 } } },
  },
  {
    name: "ctest",
    from: "Debian",
    version: "ctest version 3.25.1",
    ask: "ctest --version",
    build: 'for one in red green; do cmake -S "$one" -B "build-$one" || exit; done',
    run: 'ctest --test-dir "build-$COLOUR" --output-junit "$OUT/ctest.xml"',
    says: (output) => ({
      bad: sum(output, /(\d+) tests failed out of/),
      skipped: times(output, /\((?:Skipped|Disabled)\)$/gm),
    }),
    reports: { "ctest.xml": {} },
  },
  {
    name: "meson",
    from: "Debian",
    version: "1.0.1",
    ask: "/usr/bin/meson --version",
    build: 'for one in red green; do /usr/bin/meson setup "build-$one" "$one" || exit; done',
    run: '/usr/bin/meson test -C "build-$COLOUR"; code=$?; cp "build-$COLOUR/meson-logs/testlog.junit.xml" "$OUT/meson.xml"; exit $code',
    says: (output) => ({
      passed: sum(output, /^Ok: +(\d+)/m, /^Expected Fail: +(\d+)/m),
      bad: sum(output, /^Fail: +(\d+)/m, /^Unexpected Pass: +(\d+)/m, /^Timeout: +(\d+)/m),
      skipped: sum(output, /^Skipped: +(\d+)/m),
    }),
    reports: { "meson.xml": { red: { passed: 4, bad: -2, skipped: 1 } } },
  },
  {
    name: "gtest",
    from: "Debian",
    version: "1.12.1",
    ask: "echo \"$(dpkg-query -W -f '${Version}' libgtest-dev)\"",
    build: "g++ -O0 tests.cc -o tests -lgtest -lgtest_main -pthread",
    run: './tests --gtest_output="xml:$OUT/gtest.xml" $([ "$COLOUR" = red ] || echo --gtest_filter=A.passes:A.skips:A.DISABLED_later)',
    says: (output) => ({
      passed: sum(output, /\[ {2}PASSED {2}\] (\d+) test/),
      bad: sum(output, /\[ {2}FAILED {2}\] (\d+) test/),
      skipped: sum(output, /\[ {2}SKIPPED \] (\d+) test/, /YOU HAVE (\d+) DISABLED/),
    }),
    reports: { "gtest.xml": {} },
  },
  {
    name: "catch2",
    from: "Debian",
    version: "2.13.10",
    ask: "echo \"$(dpkg-query -W -f '${Version}' catch2)\"",
    build: "g++ -O0 tests.cpp -o tests",
    run: 'set -- $([ "$COLOUR" = red ] || echo "passes,[!mayfail]"); ./tests "$@" -r junit -o "$OUT/catch2.xml"; ./tests "$@"',
    says: (output) => ({
      passed: sum(output, /^test cases:.*\| +(\d+) passed/m),
      bad: sum(output, /^test cases:.*\| +(\d+) failed(?! as)/m),
      skipped: sum(output, /^test cases:.*\| +(\d+) failed as expected/m),
    }),
    reports: { "catch2.xml": { red: { passed: 2 } } },
  },
  {
    name: "bats",
    from: "Debian",
    version: "Bats 1.8.2",
    ask: "bats --version",
    run: 'bats --formatter tap "$COLOUR.bats" >"$OUT/bats.tap"; bats --formatter pretty --report-formatter junit -o "$OUT" "$COLOUR.bats"',
    says: (output) => ({
      bad: sum(output, /(\d+) failures?\b/),
      skipped: sum(output, /(\d+) skipped/),
      passed: sum(output, /(\d+) tests/) - sum(output, /(\d+) failures?\b/, /(\d+) skipped/),
    }),
    reports: { "bats.tap": {}, "report.xml": {} },
  },
  {
    name: "check",
    from: "Debian",
    version: "0.15.2",
    ask: "echo \"$(dpkg-query -W -f '${Version}' check)\"",
    build: "cc tests.c -o tests -lcheck -lsubunit -lrt -lm -pthread",
    run: 'cd "$OUT" && ../../tests "$COLOUR"',
    says: (output) => ({ bad: sum(output, /Failures: (\d+)/, /Errors: (\d+)/) }),
    reports: { "check.tap": {}, "check.xml": "other" },
  },
  {
    name: "perl",
    from: "Debian",
    version: "TAP::Harness v3.44",
    ask: "prove --version",
    run: 'perl "$COLOUR/a.t" >"$OUT/a.tap"; perl "$COLOUR/b.t" >"$OUT/b.tap"; JUNIT_OUTPUT_FILE="$OUT/perl.xml" prove --harness TAP::Harness::JUnit "$COLOUR" >"$OUT/log"; prove "$COLOUR"',
    says: (output) => ({ bad: sum(output, /Failed: (\d+)\)/) }),
    reports: { "a.tap": {}, "perl.xml": {} },
  },
  {
    name: "go",
    from: "Debian",
    version: "go version go1.19.8",
    ask: "go version",
    run: 'GOFLAGS=-mod=mod GOTOOLCHAIN=local gotestsum --junitfile "$OUT/go.xml" "./$COLOUR/..."',
    says: (output) => {
      const bad = sum(output, /(\d+) failures?/);
      const skipped = sum(output, /(\d+) skipped/);
      const passed = sum(output, /^DONE (\d+) tests/m) - bad - skipped;
      return { passed, bad: bad + sum(output, /(\d+) errors? in/), skipped };
    },
    reports: { "go.xml": {} },
  },
  {
    name: "rspec",
    from: "Debian",
    version: "rspec-core 3.12.0",
    ask: "rspec --version",
    run: 'rspec -f RspecJunitFormatter -o "$OUT/rspec.xml" -f p "./${COLOUR}_spec.rb"',
    says: (output) => {
      const bad = sum(output, /(\d+) failures?/);
      const skipped = sum(output, /(\d+) pending/);
      return { passed: sum(output, /(\d+) examples/) - bad - skipped, bad, skipped };
    },
    reports: { "rspec.xml": {} },
  },
  {
    name: "phpunit",
    from: "Debian",
    version: "PHPUnit 9.6.7",
    ask: "phpunit --version",
    run: 'phpunit --do-not-cache-result --log-junit "$OUT/phpunit.xml" "$COLOUR"',
    says: (output) => {
      const bad = sum(output, /Errors: (\d+)/, /Failures: (\d+)/);
      const skipped = sum(output, /Skipped: (\d+)/, /Incomplete: (\d+)/, /Risky: (\d+)/);
      return { passed: sum(output, /Tests: (\d+)/) - bad - skipped, bad, skipped };
    },
    reports: { "phpunit.xml": {} },
  },
];

/** What `npm run test:producers` installs of npm. */
export const NPM_PACKAGES: readonly string[] = [
  "vitest@4.1.12",
  "mocha@11.7.6",
  "jest@30.5.2",
  "jest-junit@17.0.0",
  "tap@21.8.0",
  "ava@7.0.0",
  "tape@5.10.2",
];

const NPM: readonly Producer[] = [
  {
    name: "vitest",
    from: "npm",
    version: "vitest/4.1.12",
    ask: `${LINK}; vitest --version`,
    run: 'vitest run --dir "$COLOUR" --reporter=tap >"$OUT/vitest.tap"; vitest run --dir "$COLOUR" --reporter=default --reporter=junit --outputFile.junit="$OUT/vitest.xml"',
    says: (output) => {
      const tests = /^ +Tests .*$/m.exec(output)?.[0] ?? "";
      return {
        passed: sum(tests, /(\d+) passed/, /(\d+) expected fail/),
        bad: sum(tests, /(\d+) failed/),
        skipped: sum(tests, /(\d+) skipped/, /(\d+) todo/),
      };
    },
    reports: { "vitest.xml": { red: { bad: 1 } }, "vitest.tap": { red: { bad: 1 } } },
  },
  {
    name: "mocha",
    from: "npm",
    version: "11.7.6",
    ask: `${LINK}; mocha --version`,
    run: 'mocha --reporter xunit --reporter-option output="$OUT/mocha.xml" "$COLOUR.js" >"$OUT/log"; mocha --reporter tap "$COLOUR.js" >"$OUT/mocha.tap"; mocha --reporter spec "$COLOUR.js"',
    says: (output) => ({
      passed: sum(output, /(\d+) passing/),
      bad: sum(output, /(\d+) failing/),
      skipped: sum(output, /(\d+) pending/),
    }),
    reports: { "mocha.xml": {}, "mocha.tap": {} },
  },
  {
    name: "jest",
    from: "npm",
    version: "30.5.2",
    ask: `${LINK}; echo '{}' >package.json; jest --version`,
    run: 'JEST_JUNIT_OUTPUT_DIR="$OUT" JEST_JUNIT_OUTPUT_NAME=jest.xml jest --rootDir "$COLOUR" --reporters=default --reporters="$PWD/node_modules/jest-junit"',
    says: (output) => {
      const tests = /^Tests: .*$/m.exec(output)?.[0] ?? "";
      return {
        passed: sum(tests, /(\d+) passed/),
        bad: sum(tests, /(\d+) failed/),
        skipped: sum(tests, /(\d+) skipped/, /(\d+) todo/),
      };
    },
    reports: { "jest.xml": { red: { passed: 1, skipped: -1 }, green: { passed: 1, skipped: -1 } } },
  },
  {
    name: "tap",
    from: "npm",
    version: "21.8.0",
    ask: `${LINK}; echo '{"name":"two"}' >package.json; node -p 'require("./node_modules/tap/package.json").version'`,
    run: 'tap run --disable-coverage --reporter=junit "$COLOUR.test.js" >"$OUT/tap.xml"; tap run --disable-coverage --reporter=tap "$COLOUR.test.js" >"$OUT/tap.tap"; code=$?; cat "$OUT/tap.tap"; exit $code',
    says: (output) => ({
      passed: sum(output, /^# \{ total: .*pass: (\d+)/m),
      bad: sum(output, /^# \{ total: .*fail: (\d+)/m),
      skipped: sum(output, /^# \{ total: .*todo: (\d+)/m, /^# \{ total: .*skip: (\d+)/m),
    }),
    reports: {
      "tap.xml": { red: { bad: 1, skipped: -1 }, green: { bad: 1, skipped: -1 } },
      "tap.tap": {},
    },
  },
  {
    name: "ava",
    from: "npm",
    version: "7.0.0",
    ask: `${LINK}; echo '{}' >package.json; node -p 'require("./node_modules/ava/package.json").version'`,
    run: 'ava --tap "$COLOUR.test.mjs" >"$OUT/ava.tap"; code=$?; cat "$OUT/ava.tap"; exit $code',
    says: (output) => ({
      passed: sum(output, /^# pass (\d+)/m),
      bad: sum(output, /^# fail (\d+)/m),
      skipped: sum(output, /^# skip (\d+)/m),
    }),
    reports: { "ava.tap": { red: { bad: -1, skipped: 1 }, green: { bad: -1, skipped: 1 } } },
  },
  {
    name: "tape",
    from: "npm",
    version: "5.10.2",
    ask: `${LINK}; node -p 'require("./node_modules/tape/package.json").version'`,
    run: 'node "$COLOUR.js" >"$OUT/tape.tap"; code=$?; cat "$OUT/tape.tap"; exit $code',
    says: (output) => ({ passed: sum(output, /^# pass +(\d+)/m), bad: sum(output, /^# fail +(\d+)/m) }),
    reports: { "tape.tap": { red: { passed: -2 }, green: { passed: -2 } } },
  },
];

export const PRODUCERS: readonly Producer[] = [NODE, ...DEBIAN, ...NPM];

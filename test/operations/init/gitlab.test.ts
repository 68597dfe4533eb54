import { suite } from "uvu";
import * as assert from "uvu/assert";
import { proposed, type Seen, withTools } from "./memory.ts";

const test = suite("init: GitLab files");

async function from(text: string, files: Readonly<Record<string, string>> = {}, seen: Seen = {}) {
  const { config, comments, leftOut } = await proposed({ ".gitlab-ci.yml": text, ...files }, seen);
  return { jobs: config.jobs, notes: (name: string) => (comments[name] ?? []).join("\n"), leftOut };
}

test("a pipeline as people have it", async () => {
  const { jobs, notes, leftOut } = await from(`
stages: [test, deploy]
image: ruby:3.3
variables:
  RAILS_ENV: test
  POSTGRES_DB: app
  POSTGRES_USER: { value: runner, description: "the role" }
.base:
  before_script:
    - ./setup "it's"
  variables: { A: "1", B: "2" }
.slow:
  extends: .base
  timeout: 1h 30 minutes
  variables: { B: "3" }
rspec:
  extends: [.slow]
  stage: test
  services:
    - postgres:16
    - { name: "registry.example.org/lib/redis:7-alpine", alias: cache }
  parallel: 4
  retry: { max: 2 }
  cache: { paths: [vendor] }
  artifacts: { reports: { junit: rspec.xml } }
  script:
    - &run bin/rspec --node "$CI_NODE_INDEX/$CI_NODE_TOTAL"
    - [ls "$CI_PROJECT_DIR", "true"]
lint ☃ code:
  needs: []
  script: bin/lint
deploy:
  stage: deploy
  environment: production
  script: bin/deploy
`);
  assert.equal(Object.keys(jobs), ["rspec", "lint-code"]);
  const { rspec } = jobs;
  assert.equal([rspec?.shards, rspec?.timeout, rspec?.workspace, rspec?.retries], [4, "1h30m", "private", 2]);
  assert.equal(rspec?.env, {
    ...{ CI_PROJECT_DIR: "/workspace", RAILS_ENV: "test", POSTGRES_DB: "app", POSTGRES_USER: "runner" },
    ...{ A: "1", B: "3" },
  });
  const command = String(rspec?.command);
  assert.match(
    command,
    /^bash -eo pipefail -c 'export CI_NODE_INDEX=\$PIKACI_SHARD CI_NODE_TOTAL=\$PIKACI_SHARDS\n\.\/setup "it/,
  );
  assert.match(command, /bin\/rspec .*\nls "\$CI_PROJECT_DIR"\ntrue'$/);
  assert.equal(Object.keys(rspec?.services ?? {}), ["postgres", "cache"]);
  assert.match(String(rspec?.services?.["postgres"]?.command), /--username=runner .*\n.*CREATE DATABASE app/);
  for (const said of [
    /postgres:16: the host's PostgreSQL .* on localhost:5432, any password; not at the name postgres/,
    /redis:7-alpine: the host's redis-server, on localhost:6379; not at the name cache/,
    /its image ruby:3\.3 is not used/,
    /its artifacts are not taken: write its reports to \/artifacts/,
    /its cache is not taken/,
  ])
    assert.match(notes("rspec"), said);
  assert.equal(leftOut, [".gitlab-ci.yml: the job deploy deploys something"]);
});

const matrices: readonly (readonly [string, string, unknown, Record<string, string>?])[] = [
  [
    "one entry",
    "[{ RUBY: ['3.2', '3.3'], DB: pg }]",
    { RUBY: ["3.2", "3.3"], DB: ["pg"] },
    { RUBY: "${matrix.RUBY}", DB: "${matrix.DB}" },
  ],
  [
    "more entries",
    "[{ OS: a, N: [1, 2] }, { OS: b, N: 3 }]",
    {
      include: [
        { OS: "a", N: 1 },
        { OS: "a", N: 2 },
        { OS: "b", N: 3 },
      ],
    },
    { OS: "${matrix.OS}", N: "${matrix.N}" },
  ],
];
for (const [name, matrix, wanted, env] of matrices)
  test(`a matrix of ${name}`, async () => {
    const { jobs } = await from(`a: { script: make, parallel: { matrix: ${matrix} } }`);
    assert.equal(jobs["a"]?.matrix, wanted);
    assert.equal(jobs["a"]?.env, env);
  });

const refused: readonly (readonly [string, string, RegExp])[] = [
  ["rules", "{ script: make, rules: [{ if: $CI_COMMIT_TAG }] }", /runs under rules/],
  ["only", "{ script: make, only: [main] }", /runs under rules/],
  ["by hand", "{ script: make, when: manual }", /runs only when it is manual/],
  ["another pipeline", "{ trigger: x/y }", /starts another pipeline/],
  ["no script", "{ stage: test }", /has no script/],
  [
    "a variable of GitLab's",
    "{ script: 'echo $CI_COMMIT_SHA' }",
    /reads CI_COMMIT_SHA, which only GitLab sets/,
  ],
  ["a variable made of others", "{ script: make, variables: { A: $HOME/x } }", /made of others/],
  ["packages", "{ script: [apt-get install x, make] }", /uses apt-get/],
  ["a service", "{ script: make, services: ['mysql:8'] }", /needs the service mysql:8, for which/],
  [
    "a database with an odd name",
    "{ script: make, services: ['postgres'], variables: { POSTGRES_DB: a-b } }",
    /needs the service postgres/,
  ],
  ["a base that is not there", "{ script: make, extends: .gone }", /extends something/],
  ["a circle", "{ script: make, extends: a }", /extends something/],
  ["a reference", "{ script: [!reference [.x, script], make] }", /!reference/],
  ["a value with blanks", "{ script: make, parallel: { matrix: [{ A: 'x y' }] } }", /a matrix with "x y"/],
  ["uneven entries", "{ script: make, parallel: { matrix: [{ A: x }, { B: y }] } }", /different variables/],
  ["an odd form", "{ script: { a: 1 } }", /that pikaci does not know/],
  ["what is no mapping", "[make]", /extends something|does not know/],
];
for (const [name, job, reason] of refused)
  test(`left out: ${name}`, async () => {
    const { jobs, leftOut } = await from(`a: ${job}`);
    assert.equal(Object.keys(jobs), ["test"]);
    assert.is(leftOut.length, 1);
    assert.match(leftOut[0] ?? "", reason);
  });

test("rules of a merge request are what a run here is", async () => {
  const { jobs } = await from(
    "a: { script: make, rules: [{ if: $CI_PIPELINE_SOURCE == 'merge_request_event' }] }",
  );
  assert.ok(jobs["a"]);
});

test("an unreadable file, what is included, a program that is not here", async () => {
  assert.match((await from("a: [")).leftOut.join(), /cannot be read/);
  assert.equal((await from("include: x.yml\na: { script: make }")).leftOut, [
    ".gitlab-ci.yml: what it includes",
  ]);
  const find = withTools({ go: { kind: "missing", looked: "looked" } });
  assert.match(
    (await from("a: { script: go test }", {}, { find })).leftOut.join(),
    /needs go, which is not here/,
  );
});

test("names that differ by case only are told apart", async () => {
  const { jobs } = await from("A: { script: make }\na: { script: make }\n'a:x': { script: make }");
  assert.equal(Object.keys(jobs), ["A", "a-2", "a-x"]);
});

test.run();

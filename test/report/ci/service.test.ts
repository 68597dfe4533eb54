import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type CiService, ciService } from "../../../src/report/ci/service.ts";

const test = suite("CI services");

const table: readonly (readonly [Readonly<Record<string, string>>, CiService | null])[] = [
  [{}, null],
  [{ CI: "" }, null],
  [{ CI: "false" }, null],
  [{ CI: "0" }, null],
  [{ CI: "true" }, "generic"],
  [{ CI: "woodpecker" }, "generic"],
  [{ CI: "true", GITHUB_ACTIONS: "true" }, "github"],
  [{ CI: "true", GITHUB_ACTIONS: "true", GITEA_ACTIONS: "true" }, "gitea"],
  [{ CI: "true", GITHUB_ACTIONS: "true", GITEA_ACTIONS: "true", FORGEJO_ACTIONS: "true" }, "forgejo"],
  [{ CI: "true", GITLAB_CI: "true" }, "gitlab"],
  [{ CI: "true", BUILDKITE: "true" }, "buildkite"],
];
for (const [env, service] of table)
  test(`${JSON.stringify(env)}: ${service}`, () => assert.is(ciService(env), service));

test.run();

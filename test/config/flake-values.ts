import * as assert from "uvu/assert";
import { exactValue } from "../../src/config/flake-value.ts";

/** A flake whose configuration has every kind of value that versions of Nix print differently. */
export const VALUES_FLAKE = `{
  outputs = { self }: {
    pikaci = {
      numbers = { whole = 1.5 * 1024 * 1024; large = 1.5 * 1024 * 1024 * 1024; negative = -2.0; list = [ 3.0 4 ]; };
      paths = { type = ./data.txt; text = "\${./data.txt}"; };
      package = derivation { name = "p"; system = "x86_64-linux"; builder = "/bin/sh"; };
      other = { yes = true; none = null; text = "1.5"; };
    };
    wrong = {
      fraction = { jobs.a.limits.memory = 1572864.3; };
      beyond = { jobs = [ { size = 9007199254740994.0; } ]; };
    };
  };
}
`;

/** Its configuration as JSON, but for the store paths. */
const VALUES_JSON = {
  numbers: { whole: 1_572_864, large: 1_610_612_736, negative: -2, list: [3, 4] },
  other: { yes: true, none: null, text: "1.5" },
};

/** Outputs of that flake that are refused, and in which words. */
const REFUSED = {
  "wrong.fraction": "pikaci.jobs.a.limits.memory is the float 1572864.3",
  "wrong.beyond": "pikaci.jobs[0].size is the float 9007199254740994.0",
};

/** That one Nix gives these values; `evaluated` runs its `nix eval` with EXACT_VALUE over an output of VALUES_FLAKE. */
export function checkValues(evaluated: (attr: string) => { stdout: string; stderr: string }): void {
  const read = (attr: string) => {
    const { stdout, stderr } = evaluated(attr);
    assert.is.not(stdout, "", stderr);
    return JSON.parse(stdout);
  };
  const { paths, package: built, ...rest } = read("pikaci");
  assert.equal(exactValue(rest), VALUES_JSON);
  assert.match(paths.type, /^\/nix\/store\/[^/]*-data\.txt$/);
  assert.is(paths.type, paths.text);
  assert.match(built, /-p$/);
  for (const [attr, message] of Object.entries(REFUSED))
    assert.throws(
      () => exactValue(read(attr)),
      (error: Error) => error.message.startsWith(message),
    );
}

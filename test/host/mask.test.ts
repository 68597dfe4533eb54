import { randomInt } from "node:crypto";
import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Mask } from "../../src/runs/mask.ts";
import { eventually } from "../lab/rig.ts";
import { maskCases } from "../runs/mask-cases.ts";
import { removeWorkspaces } from "../workspace.ts";
import { SHELLS } from "./call.ts";
import { maskDocument, startMask } from "./mask-rig.ts";

const test = suite("the mask of a host");
test.after(removeWorkspaces);

async function masked(shell: string, values: readonly string[], pieces: readonly (string | Buffer)[]) {
  const mask = startMask(values, { shell });
  for (const piece of pieces) await mask.write(piece);
  const { status, log } = await mask.end();
  assert.is(status, 0);
  return log.toString("latin1");
}

for (const shell of SHELLS)
  for (const [name, values, pieces, shown] of maskCases)
    test(`${shell}: ${name}`, async () => assert.is(await masked(shell, values, pieces), shown));

test("it masks what the client masks, whatever the log is", async () => {
  const letters = fc.constantFrom("a", "b", "c", "\n");
  const word = fc.string({ unit: letters, minLength: 1, maxLength: 9 });
  const cases = fc.sample(
    fc.tuple(fc.array(word, { maxLength: 4 }), fc.string({ unit: letters, maxLength: 200 })),
    {
      numRuns: 40,
      seed: randomInt(2 ** 31),
    },
  );
  for (const [secrets, log] of cases) {
    const cut = randomInt(log.length + 1);
    const shown = await masked("dash", secrets, [log.slice(0, cut), log.slice(cut)]);
    assert.is(shown, new Mask(secrets).text(log), JSON.stringify([secrets, log, cut]));
  }
});

test("what may begin a secret is held, and nothing else", async () => {
  const mask = startMask(["hunter22"]);
  await mask.write("Password for h");
  await eventually("all that is certain is there", 20, () =>
    String(mask.log()) === "Password for " ? true : null,
  );
  await mask.write("unter2");
  await mask.write("2? ");
  await eventually("the secret is masked", 20, () =>
    String(mask.log()) === "Password for ***? " ? true : null,
  );
  assert.is((await mask.end()).status, 0);
});

test("what is held is shown when nothing follows", async () => {
  const mask = startMask(["hunter22", "hunter22-and-more"], { hold: 0.2 });
  await mask.write("press h");
  await eventually("the prompt is whole", 20, () => (String(mask.log()) === "press h" ? true : null));
  await mask.write(" hunter22");
  await eventually("so is a secret that begins another", 20, () =>
    String(mask.log()) === "press h ***" ? true : null,
  );
  assert.is((await mask.end()).status, 0);
});

test("many secrets, one of 50 kB, in a log of 8 MB that is cut anywhere", async () => {
  const long = Array.from({ length: 50_000 / 8 }, () =>
    randomInt(2 ** 31)
      .toString(36)
      .padStart(8, "x"),
  ).join("");
  const others = Array.from({ length: 50 }, (_, index) => `secret-${index}-of-many`);
  const noise = Buffer.alloc(1_000_003, "the quick brown fox jumps over s\0\xff secret- x\n", "latin1");
  const mask = startMask([long, ...others]);
  for (let n = 0; n < 8; n++) {
    await mask.write(noise);
    await mask.write(`${long.slice(0, 25_000)}`);
    await mask.write(`${long.slice(25_000)}${others[n]}`);
  }
  const { status, log } = await mask.end();
  assert.is(status, 0);
  const want = Buffer.concat(Array.from({ length: 8 }, () => Buffer.concat([noise, Buffer.from("******")])));
  assert.ok(log.equals(want), `${log.length} bytes, not ${want.length}`);
});

const whole = maskDocument(["hunter22", "swordfish"]);
for (const [name, document] of [
  ["none", ""],
  ["cut between lines", whole.slice(0, whole.trimEnd().lastIndexOf("\n") + 1)],
  ["cut within a line", whole.slice(0, -3)],
  ["without its last newline", whole.trimEnd()],
  ["not in hex", whole.replace("6", "g")],
  ["an empty text", "1\n\n"],
] as const)
  test(`what is masked is not whole: ${name}: nothing is shown`, async () => {
    const mask = startMask([], { document });
    await mask.write("hunter22\n");
    assert.equal(await mask.end(), { status: 3, log: Buffer.from("") });
  });

test.run();

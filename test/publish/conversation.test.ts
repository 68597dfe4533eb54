import { suite } from "uvu";
import * as assert from "uvu/assert";
import { InfraError } from "../../src/core/errors.ts";
import { sendSnapshot } from "../../src/publish/conversation.ts";
import { ExpectedTree } from "../../src/publish/expected.ts";
import { SparseFiles } from "../../src/publish/sparse-files.ts";
import type { FrameType, ProgramChannel } from "../../src/remote/program-types.ts";
import { makeContext, makeDirectory, rejection, removeWorkspaces, writeFiles } from "../workspace.ts";
import { hashTree } from "./publish-rig.ts";

const test = suite("words of a host that publishes");
test.after(removeWorkspaces);

/** A host that says one thing, and nothing more. */
function saying(type: FrameType<"publish">, word: string): ProgramChannel<"publish"> {
  async function* frames() {
    yield { type, body: Buffer.from(word) };
  }
  return {
    write: async () => {},
    end: () => {},
    frames,
    closed: Promise.resolve({ exitCode: 0 }),
    outputEnded: Promise.resolve(),
    stderr: () => "",
    kill: () => {},
  };
}

async function heard(type: FrameType<"publish">, word: string) {
  const tree = makeDirectory();
  writeFiles(tree, { file: "content\n" });
  const context = makeContext({ HOME: process.env.HOME });
  const hashed = await hashTree(tree, context);
  const upload = {
    ...{ tree: new ExpectedTree(hashed), sparse: new SparseFiles(hashed.snapshot) },
    ...{ projectId: "test", directory: "there", base: null, compression: () => null },
  };
  return sendSnapshot(saying(type, word), upload, context);
}

for (const [type, word, what] of [
  ["published", "improved", "how it published the tree"],
  ["published", "", "how it published the tree"],
  ["published", "uploaded\n", "how it published the tree"],
  ["send", "some", "what it has of the tree"],
  ["send", "", "what it has of the tree"],
  ["send", "base", "what it has of the tree"],
] as const) {
  test(`\`${type}\` with the word ${JSON.stringify(word)} ends by name`, async () => {
    const error = await rejection(heard(type, word));
    if (!(error instanceof InfraError)) throw error;
    assert.is(error.where, "host");
    assert.is(error.message, `the host does not say ${what}: ${JSON.stringify(word)}`);
  });
}

for (const word of ["uploaded", "repaired"] as const)
  test(`\`published\` with the word ${word} is taken`, async () => {
    assert.equal(await heard("published", word), { outcome: word, bytesSent: 0 });
  });

test.run();

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { FrameDecoder } from "../../src/remote/frames.ts";
import { makeDirectory, removeWorkspaces } from "../workspace.ts";
import { callHost } from "./call.ts";

const test = suite("host: logs of services, sent");
test.after(removeWorkspaces);

/** What the sender says of a job with these logs, a line each. */
function sent(logs: Readonly<Record<string, string>>): string[] {
  const cwd = makeDirectory();
  mkdirSync(join(cwd, "artifacts"));
  mkdirSync(join(cwd, "service-logs"));
  for (const [name, text] of Object.entries(logs)) writeFileSync(join(cwd, "service-logs", name), text);
  const before = `sent() { sh -c "$sender" sender "$@"; }`;
  const call = ["sent", "{}", "1000", ""] as const;
  const { status, output, stderr } = callHost("dash", ["lib/parts", "feed"], call, { cwd, before });
  assert.is(status, 0, stderr);
  const text = (body: Buffer) => (body.length < 100 ? body.toString("latin1") : `${body.length} bytes`);
  return [...new FrameDecoder().push(output)].map(({ type, body }) => `${type} ${text(body)}`);
}

test("they come after the result, by name, and what is empty is not sent", () =>
  assert.equal(sent({ "w.eb": "\0two\n\nlines", db: "one", "a.log": "", "-n": "x" }), [
    "result {}",
    "service-log -n\nx",
    "service-log db\none",
    "service-log w.eb\n\0two\n\nlines",
    "end ",
  ]));

test("a long one comes in pieces", () =>
  assert.equal(sent({ db: "x".repeat(2_500_000) }), [
    "result {}",
    "service-log 1048579 bytes",
    "service-log 1048579 bytes",
    "service-log 402851 bytes",
    "end ",
  ]));

test.run();

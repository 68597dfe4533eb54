import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { blake3Hex, createHasher } from "../../src/system/blake3.ts";
import { makeDirectory, removeWorkspaces } from "../workspace.ts";

const test = suite("native BLAKE3");
test.after(removeWorkspaces);

test("agrees with b3sum, at once and in pieces", () => {
  const data = Buffer.from("x".repeat(100_000));
  const digest = execFileSync("b3sum", ["--no-names"], { input: data, encoding: "utf8" }).trim();
  assert.is(blake3Hex(data), digest);
  const hasher = createHasher().update(data.subarray(0, 5)).update(data.subarray(5));
  assert.is(hasher.digest("hex"), digest);
});

/** The sources with the BLAKE3 package as npm leaves it when the binding for this platform was not installed. */
function withoutBinding(): string {
  const root = makeDirectory();
  writeFileSync(join(root, "package.json"), '{"type":"module"}');
  cpSync("src", join(root, "src"), { recursive: true });
  mkdirSync(join(root, "node_modules"));
  cpSync("node_modules/blake3", join(root, "node_modules/blake3"), { recursive: true });
  execFileSync("chmod", ["-R", "u+w", root]); // in a guest it comes from the store
  return root;
}

function failure(root: string): string {
  const script = `
    const { blake3Hex } = await import(${JSON.stringify(join(root, "src/system/blake3.ts"))});
    try { console.log(blake3Hex(Buffer.alloc(0))); }
    catch (error) { console.log([error.name, error.exitCode, error.message, error.hint].join(" | ")); }`;
  return execFileSync(process.execPath, ["--import", "tsx", "--input-type=module", "-e", script], {
    encoding: "utf8",
  });
}

test("a missing binding is an error with a hint, not a slow path", () => {
  const said = failure(withoutBinding());
  assert.match(
    said,
    /^InfraError \| 3 \| the native BLAKE3 binding for \S+ is missing \| run `npm ci` again/,
  );
});

test("a binding that is not native is refused", () => {
  const root = withoutBinding();
  writeFileSync(join(root, "node_modules/blake3/index.js"), "exports.blake3 = () => Buffer.alloc(32);");
  assert.match(
    failure(root),
    /^InfraError \| 3 \| the native BLAKE3 binding for \S+ was replaced by one that is not native/,
  );
});

test("the same copy with the binding works", () => {
  const root = withoutBinding();
  symlinkSync(resolve("node_modules/@napi-rs"), join(root, "node_modules/@napi-rs"));
  assert.is(failure(root).trim(), blake3Hex(Buffer.alloc(0)));
});

test.run();

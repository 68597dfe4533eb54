import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { pages } from "./pages.ts";

const test = suite("troubleshooting and links");
const ROOT = join(import.meta.dirname, "../..");

function sources(): string {
  const files = execFileSync("find", ["src", "nix", "node_modules/yargs/locales/en.json", "-type", "f"], {
    cwd: ROOT,
    encoding: "utf8",
  });
  return files
    .trim()
    .split("\n")
    .map((file) => readFileSync(join(ROOT, file), "utf8"))
    .join("\n");
}

const all = sources().replaceAll("\\`", "`");
const page = pages().find(({ name }) => name === "docs/troubleshooting.md");
const headings = (page?.text ?? "").split("\n").filter((line) => line.startsWith("### "));

test("there are many errors in it", () => assert.ok(headings.length > 20));

for (const heading of headings)
  test(heading, () => {
    const quoted = [...heading.replaceAll("\\`", "\0").matchAll(/`([^`]+)`/g)].map(([, text = ""]) => text);
    assert.ok(quoted.length > 0);
    const parts = quoted.flatMap((text) => text.replaceAll("\0", "`").split("…")).map((part) => part.trim());
    for (const part of parts.filter((one) => one !== "" && one !== ":")) assert.ok(all.includes(part), part);
  });

for (const { name, text } of pages())
  test(`links of ${name}`, () => {
    const links = [...text.matchAll(/\]\(([^)#]+)(#[^)]*)?\)/g)].map(([, link = ""]) => link);
    for (const link of links.filter((one) => !/^https?:/.test(one)))
      assert.ok(existsSync(join(ROOT, name, "..", link)), link);
  });

test("README has between 150 and 250 lines", () => {
  const readme = pages().find(({ name }) => name === "README.md")?.text ?? "";
  const lines = readme.split("\n").length - 1;
  assert.ok(lines >= 150 && lines <= 250, String(lines));
});

test.run();

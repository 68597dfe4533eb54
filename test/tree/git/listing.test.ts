import { suite } from "uvu";
import * as assert from "uvu/assert";
import { checkoutOptions, hermeticEnv, settingWords, userEnv } from "../../../src/system/git.ts";
import { indexModes, parseIgnored, parseListing, parseStatus } from "../../../src/tree/git/listing.ts";

const test = suite("git's answers");
const id = "f046ef1f764fc1668ad6cb5dfe301f5f39b45dca";
const output = (...records: string[]) =>
  Buffer.from(records.map((record) => `${record}\0`).join(""), "latin1");

test("listing: tracked, unmerged once, untracked, submodule, nested, hostile names", () => {
  const listing = parseListing(
    output(
      ...["? nested/", "? new\nline", `? 100644 ${id} 0\tlooks tracked`, "? H x"],
      ...[`H 100644 ${id} 0\ta\tb`, `M 100644 ${id} 1\tboth`, `M 100644 ${id} 2\tboth`],
      ...[`H 160000 ${id} 0\tsub`, `S 100755 ${id} 0\tsparse`, `H 120000 ${id} 0\tnon\xff`],
    ),
  );
  assert.equal(listing, {
    files: ["new\nline", `100644 ${id} 0\tlooks tracked`, "H x", "a\tb", "both", "sparse", "non\xff"],
    submodules: ["sub"],
    nested: ["nested"],
    untracked: true,
    sparse: 1,
  });
});

test("modes of the index", () => {
  const modes = indexModes(
    output(`H 100755 ${id} 0\ta\tb`, `h 120000 ${id} 0\tnew\nline`, `S 100644 ${id} 0\t\xff`),
  );
  assert.equal(
    [...modes],
    [
      ["a\tb", "100755"],
      ["new\nline", "120000"],
      ["\xff", "100644"],
    ],
  );
});

test("what of the repository's configuration decides how a checkout is read", () => {
  assert.equal(checkoutOptions(""), { fileMode: true, symlinks: true, ignoreCase: false });
  for (const [value, ignoreCase] of [
    ["\ntrue", true],
    ["\nFalse", false],
    ["", true],
  ])
    assert.is(checkoutOptions(`core.ignorecase${value}\0`).ignoreCase, ignoreCase);
  assert.equal(checkoutOptions("core.filemode\nfalse\0core.symlinks\ntrue\0"), {
    fileMode: false,
    symlinks: true,
    ignoreCase: false,
  });
  assert.equal(checkoutOptions("core.filemode\nfalse\0core.filemode\ntrue\0core.symlinks\nfalse\0"), {
    fileMode: true,
    symlinks: false,
    ignoreCase: false,
  });
});

test("an empty answer is an empty listing", () => {
  assert.equal(parseListing(Buffer.alloc(0)), {
    files: [],
    submodules: [],
    nested: [],
    untracked: false,
    sparse: 0,
  });
});

test("ignored: what lies below an ignored directory is not named again", () => {
  const ignored = parseIgnored(output("a/", "a/b/", "a/b/c.o", "a.o", "b/x.o", "ab/"));
  assert.equal(ignored, ["a.o", "a/", "ab/", "b/x.o"]);
});

test("status: head and dirt", () => {
  const head = `# branch.oid ${id}`;
  assert.equal(parseStatus(output(head, "# branch.head main")), { git_head: id, git_dirty: false });
  assert.equal(parseStatus(output("# branch.oid (initial)")), { git_head: null, git_dirty: false });
  assert.is(parseStatus(output(head, `1 .M N... 100644 100644 100644 ${id} ${id} f`)).git_dirty, true);
});

test("settings become -c words", () => {
  const answer = "safe.directory\n*\0core.excludesfile\n/home/a b/=x\0safe.directory\0";
  assert.equal(settingWords(answer), [
    ...["-c", "safe.directory=*", "-c", "core.excludesfile=/home/a b/=x", "-c", "safe.directory="],
  ]);
  assert.equal(settingWords(""), []);
});

test("environments: a caller's GIT_DIR never counts, where its configuration lies does for its settings", () => {
  const env = { PATH: "/bin", GIT_DIR: "/x", GIT_INDEX_FILE: "/y", GIT_CONFIG_GLOBAL: "/z", LC_ALL: "de_DE" };
  assert.equal(userEnv(env), { PATH: "/bin", GIT_CONFIG_GLOBAL: "/z", LC_ALL: "C" });
  const hermetic = hermeticEnv(env);
  assert.is(hermetic.GIT_DIR, undefined);
  assert.is(hermetic.GIT_INDEX_FILE, undefined);
  assert.is(hermetic.GIT_CONFIG_GLOBAL, "/dev/null");
  assert.is(hermetic.LC_ALL, "C");
});

test.run();

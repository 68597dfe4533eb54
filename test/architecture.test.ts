import { readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join, normalize } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";

/** The house, from the top floor down: a file imports from its own folder and from those below it. */
const FLOORS = [
  ["cli.ts", "index.ts", "launch.ts"],
  ["commands"],
  ["report"],
  ["operations"],
  ["runs"],
  ["guest"],
  ["config"],
  ["nix"],
  ["publish"],
  ["tree"],
  ["remote"],
  ["system"],
  ["core"],
];

/** Of the POSIX sh that goes to hosts; no TypeScript. */
const SHELL = "host";

const files = readdirSync("src", { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".ts"))
  .map((name) => join("src", name));
const text = (file: string) => readFileSync(file, "utf8");

/** What a file imports, types included: files of ours, and packages by name. */
function importsOf(file: string): string[] {
  const words = [...text(file).matchAll(/(?:from|import\()\s*"([^"]+)"/g)].map(([, word = ""]) => word);
  return words.map((word) => (word.startsWith(".") ? normalize(join(dirname(file), word)) : word));
}

const graph = new Map(files.map((file) => [file, importsOf(file)]));
const roomOf = (file: string) => file.split("/")[1] ?? "";
const floorOf = (file: string) => FLOORS.findIndex((rooms) => rooms.includes(roomOf(file)));

/** The first way from a file back to itself; null when there is none. */
function findCycle(): readonly string[] | null {
  const through = new Set<string>();
  const visit = (file: string, way: readonly string[]): readonly string[] | null => {
    if (way.includes(file)) return [...way.slice(way.indexOf(file)), file];
    if (through.has(file)) return null;
    for (const next of graph.get(file) ?? []) {
      const cycle = visit(next, [...way, file]);
      if (cycle !== null) return cycle;
    }
    through.add(file);
    return null;
  };
  return files.map((file) => visit(file, [])).find((cycle) => cycle !== null) ?? null;
}

test("the listing of src is the house, and nothing else", () => {
  assert.equal(readdirSync("src").sort(), [...FLOORS.flat(), SHELL].sort());
});

test("imports lead down the house, types included", () => {
  const wrong = [...graph].flatMap(([file, imports]) =>
    imports
      .filter((one) => one.startsWith("src/") && floorOf(one) < floorOf(file))
      .map((one) => `${file} imports ${one}`),
  );
  assert.equal(wrong, []);
});

test("imports have no cycles", () => assert.is(findCycle(), null));

/** Whatever may import a file of src: src itself, and the tests and scripts. */
const importers = ["src", "test", "scripts"].flatMap((folder) =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts") && !name.startsWith("fixtures/"))
    .map((name) => join(folder, name))
    .map((file) => ({ file, imports: new Set(importsOf(file)), lines: text(file) })),
);

/** The files that take all of a module at once: `export * from`, `import * as`. */
function takesAll(lines: string, file: string): boolean {
  return new RegExp(`\\* (?:as \\w+ )?from "[^"]*/${basename(file)}"`).test(lines);
}

function isImported(file: string, name: string): boolean {
  return importers.some(
    (one) =>
      one.file !== file &&
      one.imports.has(file) &&
      (takesAll(one.lines, file) || new RegExp(`\\b${name}\\b`).test(one.lines)),
  );
}

test("what is exported is imported somewhere; a test of the unit counts", () => {
  const unused = files
    .filter((file) => floorOf(file) > 0)
    .flatMap((file) => {
      const names = [
        ...text(file).matchAll(/^export (?:async )?(?:const|function\*?|class|interface|type) (\w+)/gm),
      ];
      return names.filter(([, name = ""]) => !isImported(file, name)).map(([, name]) => `${file}: ${name}`);
    });
  assert.equal(unused, []);
});

test("what a user of the library sees in a hover says something", () => {
  const seen = [
    "src/index.ts",
    "src/operations/library-options.ts",
    ...files.filter((file) => roomOf(file) === "core"),
  ];
  const silent = seen.flatMap((file) =>
    [
      ...text(file).matchAll(
        /(.*)\n(export (?:abstract )?(?:async )?(?:const|function|class|interface|type) \w+)/g,
      ),
    ]
      .filter(([, before = ""]) => !before.endsWith("*/"))
      .map(([, , exported]) => `${file}: ${exported}`),
  );
  assert.equal(silent, []);
});

test("a comment stands alone: none begins with what it leans on", () => {
  const leaning = importers.filter(({ lines }) => /[*/] The same\b/.test(lines));
  assert.equal(
    leaning.map(({ file }) => file),
    [],
  );
});

test("zx has one door", () => {
  const doors = files.filter((file) => graph.get(file)?.some((one) => /^zx(?:\/|$)/.test(one)));
  assert.equal(doors, ["src/system/exec.ts"]);
});

test("host programs are started in one place", () => {
  const doors = files.filter((file) => /\bconnection\.open\(/.test(text(file)));
  assert.equal(doors, ["src/remote/program.ts"]);
});

test("files stay short", () => {
  const long = files.filter((file) => text(file).split("\n").length > 301);
  assert.equal(long, []);
});

const [, walk = ""] = text("docs/architecture.md").split(/^## A walk.*$/m);
const rows = [...walk.matchAll(/^\| (\w*) ?\| (`.+`) \| `(.+)` \| .+ \|$/gm)];

test("the walk through the house names functions where they are", () => {
  const missing = rows.flatMap(([, , names = "", file = ""]) => {
    const lines = text(file.startsWith("nix/runners/") ? file : join("src", file));
    return [...names.matchAll(/\w+/g)]
      .filter(([name]) => !lines.includes(name))
      .map(([name]) => `${file}: ${name}`);
  });
  assert.ok(rows.length > 40);
  assert.equal(missing, []);
});

test("the walk counts its files and its changes of folder right", () => {
  const stages = new Map<string, string[]>();
  let current: string[] = [];
  for (const [, stage = "", , file = ""] of rows) {
    if (stage !== "") {
      current = [];
      stages.set(stage, current);
    }
    current.push(file);
  }
  const counted = ["snapshot", "hash", "publish"].map((stage) => {
    const way = stages.get(stage) ?? [];
    const rooms = way.map((file) => file.split("/")[0]);
    return { files: new Set(way).size, rooms: rooms.filter((room, at) => room !== rooms[at - 1]).length };
  });
  const said = (about: string) =>
    walk.match(new RegExp(`\\*\\*${about}\\*\\*[^:]*: (\\d+), (\\d+) and (\\d+)`));
  assert.equal(
    said("Files")?.slice(1).map(Number),
    counted.map(({ files }) => files),
  );
  assert.equal(
    said("Changes of folder")?.slice(1).map(Number),
    counted.map(({ rooms }) => rooms),
  );
});

test.run();

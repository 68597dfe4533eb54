import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { eventually, openRig } from "../test/lab/rig.ts";
import { openPane, type Pane } from "../test/report/tmux.ts";
import { setUpFor } from "./setup/ensure.ts";

const HELP = `npx tsx scripts/record-sessions.ts [--out DIR]

Records real runs on a terminal of tmux, wide and narrow: one that passes, one that fails, one that is cancelled; while
it runs and at its end. Installs the Debian packages that are missing first.

  --out DIR   default: docs/sessions`;

const SIZES = { wide: [110, 30], narrow: [44, 24] } as const;
const CLI = resolve(import.meta.dirname, "../dist/cli.cjs");

interface Scene {
  readonly target: string;
  /** What the screen shows when the first picture is taken. */
  readonly during: string;
  readonly end: string;
  readonly act: (pane: Pane) => void;
}

const SCENES: Readonly<Record<string, Scene>> = {
  passed: { target: "good", during: "test 7", end: "look further", act: () => {} },
  failed: { target: "bad", during: "✘ failed  lint", end: "look further", act: () => {} },
  cancelled: { target: "good", during: "test 7", end: "look further", act: (pane) => pane.press("C-c") },
};

async function record(scene: Scene, columns: number, rows: number): Promise<string> {
  const rig = openRig({});
  const tests = 'for n in $(seq 25); do echo "test $n"; sleep 0.3; done';
  rig.configure({
    hosts: { local: { url: "local", workDir: join(rig.dir, ".pikaci/work") } },
    jobs: {
      unit: { command: tests },
      lint: { command: "sleep 1; echo 'src/main.c:3:1: error: expected an identifier'; exit 1" },
      types: { command: "sleep 2" },
    },
    targets: { good: { jobs: ["unit", "types"] }, bad: { jobs: ["unit", "lint"] } },
    defaultTarget: "good",
  });
  const pane = openPane("env CI= sh", columns, rows, rig.dir);
  try {
    pane.type(`PS1='$ '; pikaci() { ${process.execPath} ${CLI} "$@"; }; clear; echo rea''dy`);
    pane.press("Enter");
    await pane.shows("ready\n$");
    pane.type("clear");
    pane.press("Enter");
    await eventually("an empty screen", 10, () => (pane.screen() === "$" ? true : null));
    pane.type(`pikaci run ${scene.target}`);
    pane.press("Enter");
    const during = await pane.shows(scene.during);
    scene.act(pane);
    await pane.shows(scene.end);
    await pane.shows("\n$");
    return [`while it runs, ${columns} columns:`, "", during, "", "at its end:", "", pane.screen(), ""].join(
      "\n",
    );
  } finally {
    pane.close();
    rig.remove();
  }
}

const { values } = parseArgs({ options: { out: { type: "string" }, help: { type: "boolean", short: "h" } } });
if (values.help) {
  console.log(HELP);
} else {
  setUpFor("record-sessions");
  const out = resolve(values.out ?? join(import.meta.dirname, "../docs/sessions"));
  mkdirSync(out, { recursive: true });
  for (const [name, scene] of Object.entries(SCENES))
    for (const [size, [columns, rows]] of Object.entries(SIZES)) {
      const file = join(out, `${name}-${size}.txt`);
      writeFileSync(file, await record(scene, columns, rows));
      console.log(`wrote ${file}`);
    }
}

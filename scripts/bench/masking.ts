import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { maskFile } from "../../src/guest/secrets.ts";
import { compared, medians, timed } from "./median.ts";

const LOG_BYTES = 200_000_000;
const LINE = "ok 4711 - the quick brown fox jumps over the lazy dog (12 ms)\n";

const CASES: Readonly<Record<string, readonly string[]>> = {
  "one secret": ["hunter22-hunter22"],
  "50 secrets": Array.from({ length: 50 }, (_, index) => `secret-${index}-of-many`),
  "a key of 50 lines": [Array.from({ length: 50 }, (_, index) => String(index).padStart(64, "k")).join("\n")],
};

/** What stands between a job with secrets and its log, beside the `cat` of others. Milliseconds for 200 MB. */
export function benchMasking(repeat: number): void {
  const dir = mkdtempSync(join(tmpdir(), "pikaci-bench-"));
  try {
    writeFileSync(join(dir, "said"), Buffer.alloc(LOG_BYTES, LINE));
    for (const [name, values] of Object.entries(CASES)) {
      const env = Object.fromEntries(values.map((value, index) => [`S${index}`, value]));
      writeFileSync(join(dir, "mask"), maskFile({ secrets: Object.keys(env) }, env));
      const times = medians(
        {
          mask: () => through(dir, 'perl -e "$mask_filter" log.pipe 0.2 read <mask >log'),
          cat: () => through(dir, "cat log.pipe >log"),
        },
        repeat,
      );
      console.table({ [`200 MB of log, ${name}`]: compared(times, "mask", "cat") });
    }
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

function through(dir: string, reader: string) {
  const library = readFileSync(new URL("../../src/host/mask.sh", import.meta.url), "utf8");
  const script = `${library}\nrm -f log.pipe; mkfifo log.pipe; cat said >log.pipe & ${reader}; wait`;
  return timed(["sh", "-c", script], { cwd: dir });
}

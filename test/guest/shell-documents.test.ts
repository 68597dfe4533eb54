import { execFileSync } from "node:child_process";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parseJobName, parseRunId } from "../../src/core/ids.ts";
import type { JobSpec } from "../../src/core/job.ts";
import { jobDocuments } from "../../src/guest/job-documents.ts";
import { type GuestTerminal, shellDocuments } from "../../src/guest/shell-documents.ts";

const test = suite("shell-documents");
const job: JobSpec = {
  ...{ name: parseJobName("unit"), description: "", command: { kind: "shell", text: "false" } },
  ...{ shape: { backend: "sandbox" }, prepare: {}, timeoutMs: 1000, env: { A: "it's" }, cwd: "/" },
  ...{ user: "user", workspace: "read-only", network: "none" },
};
const plain: GuestTerminal = { tty: false, rows: 24, columns: 80, term: "dumb", command: [] };

function documents(terminal: Partial<GuestTerminal>, program = "") {
  const own = jobDocuments(parseRunId("20260102T030405Z-0123abcd"), job, {});
  return shellDocuments(own, job, { ...plain, ...terminal }, program);
}

/** The words that the program in the guest gets. */
function shown(terminal: Partial<GuestTerminal>): string {
  const program =
    'printf "%s|" "$A" "$TERM" "$shell_tty" "$shell_rows" "$shell_columns"; sh -c "$shell_start"';
  return execFileSync("sh", { input: documents(terminal, program).command, encoding: "utf8" });
}

test("the job's environment is there, its command is not", () => {
  assert.is(
    shown({ command: ["printf", "<%s>", "a b", "$(id)", "it's", "new\nline"] }),
    "it's|dumb|no|24|80|<a b><$(id)><it's><new\nline>",
  );
});

test("TERM is the client's on a terminal alone", () => {
  assert.is(
    shown({ tty: true, rows: 9, columns: 7, term: "xterm", command: ["true"] }),
    "it's|xterm|yes|9|7|",
  );
});

test("without a command it is a shell: of pipes a plain one", () => {
  assert.match(documents({}).command, /shell_start='exec sh'/);
  assert.match(documents({ tty: true }).command, /exec "\$SHELL" -i/);
});

test("a runner is told that something will be typed; a job's is not", () => {
  assert.match(documents({}).launch, /^launch_input=yes$/m);
  assert.not.match(jobDocuments(parseRunId("20260102T030405Z-0123abcd"), job, {}).launch, /launch_input/);
});

test.run();

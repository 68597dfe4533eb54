import { dirname } from "node:path";
import { firstOf, has, type ProjectFiles } from "../files.ts";
import { type Look, onlyJob, type Part, type Project } from "../part.ts";
import { equip } from "../tool.ts";

const FILES = ["pyproject.toml", "setup.py", "setup.cfg", "pytest.ini", "tox.ini", "requirements.txt"];
const PYTEST = "-m pytest -p no:cacheprovider";
const UNITTEST = "-m unittest discover";

/** A Python project: pytest or unittest, in the project's virtual environment where it has one. */
export const python: Look = (project) => {
  const { files } = project;
  const file = firstOf(files, FILES);
  if (file === null && testDirectory(files) === null) return null;
  const venv = [".venv", "venv"].find((name) => files.text(`${name}/pyvenv.cfg`) !== null);
  if (venv !== undefined) return inVenv(venv, project);
  return has(files, "uv.lock") ? withUv(project) : plain(file ?? "test files", project);
};

function plain(file: string, { files, find, system }: Project): Part | null {
  const words = runnerWords(files, null);
  if (words === null) return null;
  const job = { command: `python3 ${words}`, env: environment(files) };
  const equipped = equip(job, [{ program: "python3", as: "python" }], find, system);
  const modules =
    "what the tests import must be in the host's /usr, too; with a .venv here, `pikaci init` sends that";
  return onlyJob(
    jobName(words),
    { ...equipped, notes: [...equipped.notes, modules] },
    `${file}: \`python3 ${words}\``,
  );
}

/** Its programs name the place where it was made; its modules can be moved. */
function inVenv(venv: string, { files, find, system }: Project): Part | null {
  const words = runnerWords(files, venv);
  if (words === null) return null;
  const home = /^home\s*=\s*(.+)$/m.exec(files.text(`${venv}/pyvenv.cfg`) ?? "")?.[1]?.trim() ?? "/usr/bin";
  const modules = files.names(`${venv}/lib`).filter((name) => name.startsWith("python"));
  const paths = modules.map((name) => `/prepared/venv/lib/${name}/site-packages`);
  const { PYTHONPATH, ...env } = environment(files);
  const job = {
    command: `python3 ${words}`,
    env: { ...env, PYTHONPATH: [...(PYTHONPATH === undefined ? [] : [PYTHONPATH]), ...paths].join(":") },
    prepare: { venv: { path: venv } },
  };
  const base = /^\/(?:usr\/)?bin$/.test(home)
    ? find
    : () => ({ kind: "tree", from: venv, path: dirname(home), bin: "bin" }) as const;
  const equipped = equip(job, [{ program: "python3", as: "python" }], base, system);
  const note = `${venv}: as it is installed here, sent to the host; no network`;
  return onlyJob(
    jobName(words),
    { ...equipped, notes: [...equipped.notes, note] },
    `${venv}: \`python3 ${words}\``,
  );
}

function withUv({ files, find, system }: Project): Part | null {
  const words = runnerWords(files, null);
  if (words === null) return null;
  const job = {
    command: `uv run --frozen python ${words}`,
    env: { ...environment(files), UV_CACHE_DIR: "/cache/uv", UV_PROJECT_ENVIRONMENT: "/tmp/venv" },
    caches: ["uv"],
    network: "host" as const,
    workspace: "private" as const,
  };
  const equipped = equip(job, [{ program: "uv", as: "uv" }], find, system);
  const note = "network: uv fetches packages; after `uv sync` here, `pikaci init` sends .venv instead";
  return onlyJob(
    jobName(words),
    { ...equipped, notes: [...equipped.notes, note] },
    `uv.lock: \`uv run python ${words}\``,
  );
}

function jobName(words: string): string {
  return words === PYTEST ? "pytest" : "unittest";
}

function environment(files: ProjectFiles): { PYTHONDONTWRITEBYTECODE: string; PYTHONPATH?: string } {
  const source = files.names("src").length > 0 ? { PYTHONPATH: "/workspace/src" } : {};
  return { PYTHONDONTWRITEBYTECODE: "1", ...source };
}

/** pytest where the project names it or the environment has it, else unittest where there are test files. */
function runnerWords(files: ProjectFiles, venv: string | null): string | null {
  const texts = [...FILES, "requirements-dev.txt", "dev-requirements.txt"].map(
    (file) => files.text(file) ?? "",
  );
  const installed =
    venv === null
      ? []
      : files.names(`${venv}/lib`).flatMap((one) => files.names(`${venv}/lib/${one}/site-packages`));
  if (
    texts.some((text) => /\bpytest\b/.test(text)) ||
    has(files, "pytest.ini") ||
    installed.includes("pytest")
  )
    return PYTEST;
  const directory = testDirectory(files);
  if (directory === null) return null;
  return directory === "" ? UNITTEST : `${UNITTEST} -s ${directory} -t .`;
}

/** Where unittest finds tests by their names. */
function testDirectory(files: ProjectFiles): string | null {
  const hasTests = (directory: string) => files.names(directory).some((name) => /^test.*\.py$/.test(name));
  return ["tests", "test", ""].find(hasTests) ?? null;
}

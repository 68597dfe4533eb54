import { readdirSync, readFileSync, realpathSync, statSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { guestPath } from "../../guest/job-documents.ts";
import type { Env } from "../../system/exec.ts";
import { findProgram } from "../../system/find-program.ts";
import type { ProjectFiles } from "./files.ts";
import type { FindTool, Tool } from "./tool.ts";
import { rustupToolchain, wantedVersion } from "./tool-versions.ts";

/** Installs versions side by side; `installs/<tool>/<version>`, chosen by the shims on PATH. */
interface Manager {
  readonly name: string;
  readonly shims: string;
  readonly installs: string;
  /** Whether it has tools of several kinds, each in a directory of its own. */
  readonly many: boolean;
}

/** What managers call the tool that a program belongs to; else the program's own name. */
const TOOLS: Readonly<Record<string, readonly string[]>> = {
  go: ["go", "golang"],
  cargo: ["rust"],
  node: ["node", "nodejs"],
  npm: ["node", "nodejs"],
  python3: ["python"],
  mvn: ["maven"],
  java: ["java"],
};

/** Looks for programs on PATH, then where rustup, mise, asdf, nvm, pyenv and Go's own installer put them. */
export function toolFinder(files: ProjectFiles, env: Env): FindTool {
  const home = env.HOME ?? "/nonexistent";
  const managers = managersOf(home, env);
  const path = [env.PATH ?? "", ...besides(home, managers), guestPath].join(":");
  return (program) => {
    for (const hit of findProgram(program, path)) {
      const tool = toolAt(hit, program, { files, env, home, managers });
      if (tool !== null) return tool;
    }
    return { kind: "missing", looked: "looked on PATH, and for rustup, mise, asdf, nvm and pyenv" };
  };
}

interface Place {
  readonly files: ProjectFiles;
  readonly env: Env;
  readonly home: string;
  readonly managers: readonly Manager[];
}

function managersOf(home: string, env: Env): Manager[] {
  const mise = env.MISE_DATA_DIR ?? join(home, ".local/share/mise");
  const asdf = env.ASDF_DATA_DIR ?? join(home, ".asdf");
  const pyenv = env.PYENV_ROOT ?? join(home, ".pyenv");
  return [
    { name: "mise", shims: join(mise, "shims"), installs: join(mise, "installs"), many: true },
    { name: "asdf", shims: join(asdf, "shims"), installs: join(asdf, "installs"), many: true },
    { name: "pyenv", shims: join(pyenv, "shims"), installs: join(pyenv, "versions"), many: false },
  ];
}

/** Directories of programs that a shell's start-up files put on PATH, for where it did not read them. */
function besides(home: string, managers: readonly Manager[]): string[] {
  const nvm = newestFirst(join(home, ".nvm/versions/node")).map((one) =>
    join(home, ".nvm/versions/node", one, "bin"),
  );
  return [join(home, ".cargo/bin"), ...managers.map(({ shims }) => shims), ...nvm, "/usr/local/go/bin"];
}

const SYSTEM = /^\/(?:usr|bin|sbin)\//;

/** How a guest gets what lies there; null when it is a stand-in for a program that is not installed. */
function toolAt(hit: string, program: string, place: Place): Tool | null {
  const manager = place.managers.find(({ shims }) => dirname(hit) === shims);
  if (manager !== undefined) return managed(manager, program, place);
  const real = realpathSync(hit);
  if (basename(real) === "rustup") return rustup(program, place);
  if (real.startsWith("/nix/store/")) return { kind: "shell", path: real };
  if (SYSTEM.test(real)) return inUsr(SYSTEM.test(hit) ? hit : real);
  const root = dirname(dirname(real));
  const shared = [place.home, ...[".local", ".cargo", "go"].map((one) => join(place.home, one)), "/"];
  if (basename(dirname(real)) !== "bin" || shared.includes(root)) return { kind: "file", path: real };
  return { kind: "tree", from: root.includes("/.nvm/") ? "nvm" : basename(root), path: root, bin: "bin" };
}

function inUsr(hit: string): Tool {
  const directory = dirname(hit);
  return { kind: "usr", path: hit, directory: guestPath.split(":").includes(directory) ? null : directory };
}

function rustup(program: string, { files, env, home }: Place): Tool | null {
  const rustupHome = env.RUSTUP_HOME ?? join(home, ".rustup");
  const toolchains = join(rustupHome, "toolchains");
  const settings = textOf(join(rustupHome, "settings.toml"));
  const name = rustupToolchain(files, env.RUSTUP_TOOLCHAIN ?? null, settings, namesIn(toolchains));
  if (name === null) return null;
  const path = join(toolchains, name);
  return isFile(join(path, "bin", program)) ? { kind: "tree", from: "rustup", path, bin: "bin" } : null;
}

function managed({ name, installs, many }: Manager, program: string, { files, home }: Place): Tool | null {
  const tools = many ? (TOOLS[program] ?? [program]) : [""];
  for (const tool of tools) {
    const versions = newestFirst(join(installs, tool));
    const global =
      name === "pyenv" ? textOf(join(dirname(installs), "version")) : textOf(join(home, ".tool-versions"));
    const version = wantedVersion(files, tools, global, versions);
    if (version === null) continue;
    const path = realpathSync(join(installs, tool, version));
    const bin = ["bin", "go/bin", ""].find((one) => isFile(join(path, one, program)));
    if (bin === undefined) continue;
    const moved = bin === "go/bin" ? join(path, "go") : path;
    return { kind: "tree", from: name, path: moved, bin: relative(moved, join(path, bin)) };
  }
  return null;
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}

function textOf(path: string): string {
  return isFile(path) ? readFileSync(path, "utf8") : "";
}

function namesIn(directory: string): string[] {
  return statSync(directory, { throwIfNoEntry: false })?.isDirectory() === true ? readdirSync(directory) : [];
}

/** Versions in a directory, `10` before `9`. */
function newestFirst(directory: string): string[] {
  const order = new Intl.Collator("en", { numeric: true });
  return namesIn(directory).sort((a, b) => order.compare(b, a));
}

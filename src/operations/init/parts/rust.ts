import { has, type ProjectFiles } from "../files.ts";
import { type Look, onlyJob } from "../part.ts";
import { equip } from "../tool.ts";

/** `Cargo.toml`: `cargo test`, its registry and its target directory kept from pass to pass. */
export const rust: Look = ({ files, find, system }) => {
  const manifest = files.text("Cargo.toml");
  if (manifest === null) return null;
  const lock = files.text("Cargo.lock");
  const network = needsCrates(files);
  const words = [...(lock === null ? [] : ["--locked"]), ...(network ? [] : ["--offline"])];
  const job = {
    command: ["cargo test", ...(/^\[workspace\]/m.test(manifest) ? ["--workspace"] : []), ...words].join(" "),
    env: { CARGO_HOME: "/cache/cargo/home", CARGO_TARGET_DIR: "/cache/cargo/target" },
    caches: ["cargo"],
    workspace: "private" as const,
    ...(network ? { network: "host" as const } : {}),
  };
  const equipped = equip(job, [{ program: "cargo", as: "rust" }], find, system);
  const linker = "cc: the host must have a linker in /usr, as Debian's gcc";
  const fetching = network
    ? "network: crates are fetched; `cargo vendor` in the tree makes it unnecessary, and then a pass is remembered"
    : "no network: every crate is in the tree";
  const notes = [
    ...equipped.notes,
    linker,
    fetching,
    ...(lock === null ? ["no Cargo.lock, so without --locked"] : []),
  ];
  return onlyJob("cargo", { ...equipped, notes }, "Cargo.toml: `cargo test`");
};

/** Whether anything comes from a registry or a repository that the tree does not replace by a directory. */
export function needsCrates(files: ProjectFiles): boolean {
  const manifest = files.text("Cargo.toml") ?? "";
  const lock = files.text("Cargo.lock");
  const settings = files.text(".cargo/config.toml") ?? files.text(".cargo/config") ?? "";
  if (/^\s*replace-with\s*=/m.test(settings) && has(files, "vendor")) return false;
  return lock === null ? hasDependencies(manifest) : /^source = /m.test(lock);
}

/** A dependency that is not a path; members of a workspace may have some. */
function hasDependencies(manifest: string): boolean {
  if (/^\s*\[workspace[\].]/m.test(manifest)) return true;
  let inside = false;
  return manifest.split("\n").some((line) => {
    const header = /^\s*\[([^\]]+)\]/.exec(line)?.[1];
    if (header !== undefined) {
      inside = /dependencies$/.test(header);
      return /dependencies\./.test(header);
    }
    return inside && /^\s*[\w"-]+\s*[.=]/.test(line) && !/\bpath\s*=/.test(line);
  });
}

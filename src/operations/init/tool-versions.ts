import type { ProjectFiles } from "./files.ts";

/**
 * The rustup toolchain that a project gets, of those installed: by its `rust-toolchain` file, RUSTUP_TOOLCHAIN, or
 * rustup's default. Null when that one is not installed.
 */
export function rustupToolchain(
  files: ProjectFiles,
  override: string | null,
  settings: string,
  installed: readonly string[],
): string | null {
  const file = files.text("rust-toolchain.toml") ?? files.text("rust-toolchain") ?? "";
  const channel =
    /^\s*channel\s*=\s*["']([^"']+)["']/m.exec(file)?.[1] ?? (file.includes("[") ? "" : file.trim());
  const wanted = override ?? (channel || (/^default_toolchain\s*=\s*"([^"]+)"/m.exec(settings)?.[1] ?? ""));
  if (wanted === "") return null;
  return (
    installed.find((name) => name === wanted) ??
    installed.find((name) => name.startsWith(`${wanted}-`)) ??
    null
  );
}

/**
 * The version of a tool that a project gets, of those installed, which come newest first: as `.tool-versions`,
 * `mise.toml`, `.python-version` or the account's own file says; the newest where none does. Null when that one is missing.
 */
export function wantedVersion(
  files: ProjectFiles,
  tools: readonly string[],
  global: string,
  installed: readonly string[],
): string | null {
  const names = tools.filter((name) => name !== "");
  const [first] = names;
  const wanted =
    first === undefined
      ? (files.text(".python-version") ?? global).trim().split(/\s/)[0]
      : (inToolVersions(files.text(".tool-versions") ?? "", names) ??
        inMise(files.text("mise.toml") ?? files.text(".mise.toml") ?? "", names) ??
        inToolVersions(global, names));
  if (wanted === undefined || wanted === "" || wanted === "latest") return installed[0] ?? null;
  if (wanted === "system") return null;
  return (
    installed.find((one) => one === wanted) ?? installed.find((one) => one.startsWith(`${wanted}.`)) ?? null
  );
}

function inToolVersions(text: string, names: readonly string[]): string | undefined {
  const lines = text.split("\n").map((line) => line.replace(/#.*/, "").trim().split(/\s+/));
  return lines.find(([tool = ""]) => names.includes(tool))?.[1];
}

function inMise(text: string, names: readonly string[]): string | undefined {
  const lines = [...text.matchAll(/^\s*"?([\w-]+)"?\s*=\s*["']([^"']+)["']/gm)];
  return lines.find(([, tool = ""]) => names.includes(tool))?.[2];
}

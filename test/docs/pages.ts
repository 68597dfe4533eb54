import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "../..");

export interface Page {
  readonly name: string;
  readonly text: string;
}

/** What people read: README.md, CONTRIBUTING.md and docs/. */
export function pages(): Page[] {
  const docs = readdirSync(join(ROOT, "docs")).filter((name) => name.endsWith(".md"));
  const names = ["README.md", "CONTRIBUTING.md", ...docs.map((name) => join("docs", name))];
  return names.map((name) => ({ name, text: readFileSync(join(ROOT, name), "utf8") }));
}

/** Every command line of pikaci's that a page shows, in blocks and in running text, as it stands there. */
export function commandsIn(page: Page): string[] {
  const lines = linesIn(page).map((line) => line.replace(/^npx (?=pikaci )/, ""));
  return [...new Set(lines.filter((line) => /^pikaci (?!=)/.test(line)))];
}

/** Commands of npm, npx, node and nix; a name alone is none. */
export function toolCommandsIn(page: Page): string[] {
  const lines = linesIn(page).filter((line) => /^(npm|npx|nix|node) [-a-z.]/.test(line));
  return [...new Set(lines.filter((line) => !line.startsWith("npx pikaci ")))];
}

function linesIn({ text }: Page): string[] {
  const blocks = [...text.matchAll(/```\w*\n([\s\S]*?)```/g)].map(([, body = ""]) => body);
  const inBlocks = blocks
    .flatMap((body) => body.replace(/\\\n\s*/g, "").split(/\n|&&|\||;/))
    .map((line) => line.trim().replace(/^\$ |^-? ?(run|command): |^- /g, ""));
  const rest = text.replace(/```[\s\S]*?```/g, "");
  const inText = [...rest.matchAll(/`([^`]+)`/g)].flatMap(([, code = ""]) =>
    code.replace(/\s+/g, " ").split("&&"),
  );
  return [...inBlocks, ...inText].map((line) =>
    line
      .replace(/ +#\s.*$/, "")
      .trim()
      .replace(/^([A-Z_]+=\S+ )+/, "")
      .replace(/",?$/, ""),
  );
}

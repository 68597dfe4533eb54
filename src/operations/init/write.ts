import type { Proposal } from "./propose.ts";

const WIDTH = 100;

/**
 * The text of a `pikaci.config.mjs`: the configuration, and in comments what was assumed and left out. Paths below `home`
 * are written so that they are right for every account.
 */
export function configText(
  { config, comments, notes, leftOut }: Proposal,
  home: string,
  command: "init" | "import" = "init",
): string {
  const { jobs, ...rest } = config;
  const entries = Object.entries(rest).map(
    ([name, value]) => `  ${key(name)}: ${write(value, "  ", home)},\n`,
  );
  const written = Object.entries(jobs).map(
    ([name, job]) =>
      `${comment(comments[name] ?? [], "    ")}    ${key(name)}: ${write(job, "    ", home)},\n`,
  );
  const all = written.length === 0 ? "{}" : `{\n${written.join("")}  }`;
  const body = `export default {\n${entries.join("")}  jobs: ${all},\n};\n`;
  const left = leftOut.length === 0 ? [] : ["Left out:", ...leftOut.map((one) => `  ${one}`)];
  const head = comment(
    [`Written by \`pikaci ${command}\`, which saw:`, ...notes.map((one) => `  ${one}`), ...left],
    "",
  );
  const needsHome = body.includes(`\${${HOME}}`);
  return `${head}${needsHome ? 'import { homedir } from "node:os";\n\n' : "\n"}${body}`;
}

const HOME = "homedir()";

/** A line of a comment cannot end it, whatever a file of the project says. */
function comment(lines: readonly string[], indent: string): string {
  return lines.map((line) => `${indent}// ${line.replace(/[\r\n\u2028\u2029]+/g, " ")}\n`).join("");
}

function key(name: string): string {
  return /^[A-Za-z_]\w*$/.test(name) ? name : JSON.stringify(name);
}

/** A JSON value as JavaScript, on one line where it is short. */
function write(value: unknown, indent: string, home: string): string {
  if (typeof value === "string") return text(value, home);
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const inner = `${indent}  `;
  const parts = Array.isArray(value)
    ? value.map((one) => write(one, inner, home))
    : Object.entries(value).map(([name, one]) => `${key(name)}: ${write(one, inner, home)}`);
  const [open, close, pad] = Array.isArray(value) ? ["[", "]", ""] : ["{", "}", " "];
  const line = `${open}${pad}${parts.join(", ")}${pad}${close}`;
  const isShort = indent.length + line.length <= WIDTH && !line.includes("\n") && indent.length > 4;
  if (parts.length === 0) return `${open}${close}`;
  return isShort ? line : `${open}\n${parts.map((part) => `${inner}${part},\n`).join("")}${indent}${close}`;
}

/** Several lines, or a path below the account's home, are a template. */
function text(value: string, home: string): string {
  const isAtHome = home.length > 1 && value.startsWith(`${home}/`);
  if (!isAtHome && !value.includes("\n")) return JSON.stringify(value);
  const rest = isAtHome ? value.slice(home.length) : value;
  const escaped = rest.replace(/[\\`]|\$(?=\{)/g, "\\$&").replace(/\r/g, "\\r");
  return `\`${isAtHome ? `\${${HOME}}` : ""}${escaped}\``;
}

/** Calls that start a program named by a literal; `run` takes a list of words, or a program and a list. */
const CALLS = /\b(?:spawn|spawnSync|execFile|execFileSync|must)\(\s*"([a-z][\w.+-]*)"/g;
const RUNS = /\brun\(\s*(?:"([a-z][\w.+-]*)",\s*\[|\[\s*"([a-z][\w.+-]*)")/g;
/** A shell with its script beside it. */
const SCRIPTS = /"(?:sh|bash)",\s*\[\s*"-e?c",\s*(?:"((?:[^"\\]|\\.)*)"|`([^`]*)`|'([^']*)')/g;

/** The programs that a TypeScript file starts by a name that stands in it, also in the shell scripts that stand in it. */
export function startedByTypeScript(text: string): Set<string> {
  const named = [...text.matchAll(CALLS), ...text.matchAll(RUNS)].map(([, one, other]) => one ?? other ?? "");
  const scripts = [...text.matchAll(SCRIPTS)].map(
    ([, ...texts]) => texts.find((one) => one !== undefined) ?? "",
  );
  return new Set([...named, ...scripts.flatMap((script) => [...startedByShell(script)])]);
}

const KEYWORDS =
  "if then elif else fi for while until do done case esac in ! . : [ break cd command continue echo eval exec exit export false local printf pwd read return set shift test trap true type ulimit umask unset wait kill";
const NO_PROGRAM = new Set(KEYWORDS.split(" "));
/** After these comes a command of its own. */
const BEFORE_COMMAND = new Set("if then elif else while until do ! exec command eval env".split(" "));

/** The programs that a shell script starts by name; a name with `_` is a function's, its own or a library's. */
export function startedByShell(script: string): Set<string> {
  const functions = new Set([...script.matchAll(/^\s*([a-z_]\w*)\(\) *\{/gm)].map(([, name]) => name));
  const words = commandsOf(script).flatMap(firstWords);
  return new Set(
    words.filter((word) => /^[a-z][a-z0-9.+-]*$/.test(word) && !functions.has(word) && !NO_PROGRAM.has(word)),
  );
}

/** The simple commands of a script, roughly: what is quoted is no command, what is substituted is one. */
function commandsOf(script: string): string[] {
  const bare = script
    .replace(/<<-?\s*'?(\w+)'?([^\n]*)\n[\s\S]*?\n\s*\1$/gm, "$2")
    .replace(/(^|\s)#.*$/gm, "")
    .replace(/\\\n/g, " ")
    .replace(/\\./g, "_")
    .replace(/'[^']*'/g, "_")
    .replace(/"([^"]*)"/g, (_, text: string) =>
      text.includes("$(") ? `;${text.slice(text.indexOf("$(") + 2)};` : "_",
    )
    .replace(/\$\{[^}]*\}/g, "$_")
    .replace(/\$\(/g, ";(")
    .replace(/^\s*[^\s()'"]+\)(?=\s|$)/gm, ";");
  return bare.split(/[;&|\n(){}"`]+/);
}

/** The word that is started, and the one after a keyword. */
function firstWords(command: string): string[] {
  const words = command
    .trim()
    .split(/\s+/)
    .filter((word) => !/^\w+=|^\d*[<>]/.test(word));
  const at = words.findIndex((word) => !BEFORE_COMMAND.has(word));
  return at < 0 ? [] : words.slice(at, at + 1);
}

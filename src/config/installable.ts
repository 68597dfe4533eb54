import { posix } from "node:path";

const ATTRIBUTE = String.raw`([A-Za-z_][A-Za-z0-9_'-]*|"[^"\\$\u0000-\u001f]+")`;
const ATTRIBUTES = new RegExp(`^${ATTRIBUTE}(\\.${ATTRIBUTE})*$`);
const DIRECTORY = /^[A-Za-z0-9._/+-]*$/;

/** What is wrong with the text of an installable `[dir]#attr`; null when nothing is. */
export function installableProblem(text: string): string | null {
  const mark = text.indexOf("#");
  if (mark < 0) return `write the attribute after \`#\`, for example "${text || "."}#default"`;
  const [directory, attribute] = [text.slice(0, mark), text.slice(mark + 1)];
  if (directory.startsWith("/") || directory.includes(":"))
    return 'only flakes of the workspace can be prepared: write the directory relative to it, as in "sub/dir#attr"';
  if (!DIRECTORY.test(directory))
    return "the directory may hold letters, digits, `.`, `_`, `+`, `-` and `/` only";
  if (posix.normalize(`./${directory}`).startsWith(".."))
    return "the directory must lie inside the workspace";
  if (!ATTRIBUTES.test(attribute))
    return 'the attribute is a path of names joined by dots, as in "#packages.x86_64-linux.default"';
  return null;
}

/** One spelling for each installable: `./sub/#a` and `sub#a` are the same. The text must have no problem. */
export function canonicalInstallable(text: string): string {
  const mark = text.indexOf("#");
  const directory = posix.normalize(`./${text.slice(0, mark)}`).replace(/\/+$/, "");
  return `${directory === "." ? "" : directory}${text.slice(mark)}`;
}

import { ESC, LineSanitiser } from "../sanitise.ts";
import { escapeHtml } from "./escape.ts";
import { afterSgr, PLAIN, type Style } from "./sgr.ts";

const SGR = new RegExp(`${ESC}\\[([\\d;:]*)m`);

/** A piece of a line in one style: its text, without escapes, and the classes of style.ts that show it so. */
interface Piece {
  readonly text: string;
  readonly classes: readonly string[];
}

/** Lines of a log as pieces: its colours as classes, everything else of it as text. */
export function ansiPieces(log: string): Piece[][] {
  let style = PLAIN;
  const lines = log.replace(/(?<!\r)\r+\n/g, "\n").split("\n");
  if (lines.at(-1) === "") lines.pop();
  return lines.map((line) => {
    const pieces: Piece[] = [];
    for (const [index, part] of line.split(SGR).entries()) {
      if (index % 2 === 1) style = afterSgr(style, part);
      else pieces.push({ text: lineText(part), classes: classesOf(style) });
    }
    return pieces.filter(({ text }) => text !== "");
  });
}

/** Lines of a log as HTML. */
export function ansiToHtml(log: string): string[] {
  return ansiPieces(log).map((pieces) => pieces.map(styled).join(""));
}

/** What a carriage return would have written over is kept, on the same line. */
function lineText(text: string): string {
  const sanitiser = new LineSanitiser();
  return [...sanitiser.push(Buffer.from(text)), ...sanitiser.end()].join(" ");
}

function classesOf({ foreground, background, flags }: Style): string[] {
  return [
    ...(foreground === null ? [] : [`f${foreground}`]),
    ...(background === null ? [] : [`k${background}`]),
    ...[...flags].map((flag) => `t${flag}`),
  ];
}

function styled({ text, classes }: Piece): string {
  return classes.length === 0
    ? escapeHtml(text)
    : `<span class="${classes.join(" ")}">${escapeHtml(text)}</span>`;
}

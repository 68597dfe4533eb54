import { ESC, LineSanitiser } from "../sanitise.ts";
import { escapeHtml } from "./escape.ts";
import { afterSgr, PLAIN, type Style } from "./sgr.ts";

const SGR = new RegExp(`${ESC}\\[([\\d;:]*)m`);

/** Lines of a log as HTML: its colours as classes, everything else of it as text. */
export function ansiToHtml(log: string): string[] {
  let style = PLAIN;
  const lines = log.replace(/(?<!\r)\r+\n/g, "\n").split("\n");
  if (lines.at(-1) === "") lines.pop();
  return lines.map((line) => {
    const parts = line.split(SGR);
    let html = "";
    for (let index = 0; index < parts.length; index++) {
      const part = parts[index] ?? "";
      if (index % 2 === 1) style = afterSgr(style, part);
      else html += styled(lineText(part), style);
    }
    return html;
  });
}

/** What a carriage return would have written over is kept, on the same line. */
function lineText(text: string): string {
  const sanitiser = new LineSanitiser();
  return [...sanitiser.push(Buffer.from(text)), ...sanitiser.end()].join(" ");
}

function styled(text: string, { foreground, background, flags }: Style): string {
  if (text === "") return "";
  const classes = [
    ...(foreground === null ? [] : [`f${foreground}`]),
    ...(background === null ? [] : [`k${background}`]),
    ...[...flags].map((flag) => `t${flag}`),
  ];
  return classes.length === 0
    ? escapeHtml(text)
    : `<span class="${classes.join(" ")}">${escapeHtml(text)}</span>`;
}

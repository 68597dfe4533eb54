import { text } from "../html/text.ts";

/** What every page is put into. */
interface Shell {
  /** The path that all of the page's addresses begin with and end in a slash: `/<random>/`. */
  readonly base: string;
  readonly title: string;
  /** Which of the pages in the navigation it is. */
  readonly at: "runs" | "history" | null;
  /** HTML. */
  readonly body: string;
  /** Of which run it follows the events; null: of the list. */
  readonly follows: string | null;
}

/** A page as a document; nothing in it but pikaci's own script and style may be loaded. */
export function uiPage({ base, title, at, body, follows }: Shell): string {
  const link = (to: string, name: string, here: boolean) =>
    `<a href="${text(base + to)}"${here ? ' aria-current="page"' : ""}>${name}</a>`;
  return `<!doctype html>
<html lang="en" data-base="${text(base)}"${follows === null ? "" : ` data-run="${text(follows)}"`}>
${head(base, title)}
<body>
<a class="skip" href="#main">to the content</a>
<nav aria-label="pages"><b>pikaci</b>${link("", "runs", at === "runs")}${link("history/", "history", at === "history")}<span id="link" class="dim" role="status"></span></nav>
<div id="notices" role="log" aria-label="notices"></div>
<main id="main" tabindex="-1">
${body}
</main>
<p id="said" class="unseen" role="status"></p>
</body>
</html>
`;
}

/** What a browser without the session's cookie gets: its script trades the address's fragment for one. */
export function doorPage(base: string): string {
  return `<!doctype html>
<html lang="en" data-base="${text(base)}" data-door>
${head(base, "pikaci")}
<body>
<main id="main"><h1>pikaci</h1>
<p id="door" role="status">This page opens with the address that <code>pikaci ui</code> printed, the part behind <code>#</code> included.</p>
<noscript><p>It needs JavaScript.</p></noscript></main>
</body>
</html>
`;
}

function head(base: string, title: string): string {
  return `<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${text(title)}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="${text(base)}app.css">
<script src="${text(base)}app.js" defer></script>
</head>`;
}

/** A page that only says what is wrong. */
export function messagePage(base: string, title: string, message: string): string {
  const body = `<h1>${text(title)}</h1><p class="error">${text(message)}</p>`;
  return uiPage({ base, title, at: null, body, follows: null });
}

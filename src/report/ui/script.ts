/**
 * The pages' only script. What comes from a run reaches the document as text, or as HTML that the server has made of it as it
 * makes whole pages; nothing is evaluated, and no other address is asked.
 */
export const script = `
"use strict";
(() => {
  const root = document.documentElement;
  const base = root.dataset.base;
  const run = root.dataset.run;
  const here = () => location.pathname + location.search;
  const by = (id) => document.getElementById(id);
  const make = (name, text, className) => {
    const made = document.createElement(name);
    if (text !== undefined) made.textContent = text;
    if (className) made.className = className;
    return made;
  };
  const post = (path, body) =>
    fetch(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });

  // The token in the address's fragment becomes a cookie that no script can read, and leaves the address.
  const token = /^#([A-Za-z0-9_-]{43})$/.exec(location.hash)?.[1];
  if (token !== undefined) history.replaceState(null, "", here());
  if (root.dataset.door !== undefined) {
    if (token === undefined) return;
    by("door").textContent = "opening …";
    post(base + "session", { token }).then(
      (answer) => {
        if (answer.ok) location.reload();
        else by("door").textContent = "This address is of a page that has ended: open the one that pikaci ui printed last.";
      },
      () => { by("door").textContent = "pikaci ui has ended."; },
    );
    return;
  }

  const notice = ({ text, run: to, bad }) => {
    const line = make("p", undefined, bad ? "notice bad" : "notice");
    line.append(make("span", text));
    if (to) {
      const link = make("a", "look at it");
      link.href = base + "runs/" + encodeURIComponent(to) + "/";
      line.append(" ", link);
    }
    const close = make("button", "×");
    close.type = "button";
    close.setAttribute("aria-label", "dismiss");
    close.addEventListener("click", () => line.remove());
    line.append(" ", close);
    by("notices").append(line);
  };

  // Buttons.
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("button[data-post]");
    if (button === null) return;
    const { post: action, job = null, failed } = button.dataset;
    button.disabled = true;
    try {
      const body = action === "cancel" ? { job } : { failed: failed === "true" };
      const answer = await post(base + "runs/" + encodeURIComponent(run) + "/" + action, body);
      notice({ text: await answer.text(), bad: !answer.ok });
      if (!answer.ok) button.disabled = false;
    } catch {
      notice({ text: "pikaci ui does not answer", bad: true });
      button.disabled = false;
    }
  });

  // What the server has made anew takes the place of what is there; focus stays where it was.
  let verdict = by("live")?.querySelector("h1 .v")?.textContent;
  const refresh = async () => {
    const answer = await fetch(here(), { headers: { Accept: "text/html" } });
    if (!answer.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const id of ["live", "actions", "more"]) swap(by(id), fresh.getElementById(id));
    for (const log of fresh.querySelectorAll("details.log")) {
      const old = by(log.id);
      if (old === null) take(by("logs").appendChild(document.importNode(log, true)));
      else if (log.open && old.dataset.touched === undefined) old.open = true;
    }
    document.title = fresh.title;
    const now = by("live")?.querySelector("h1 .v")?.textContent;
    if (run && now !== verdict) by("said").textContent = "the run is now: " + now;
    verdict = now;
  };
  const swap = (old, made) => {
    if (old === null || made === null || old.innerHTML === made.innerHTML) return;
    const active = old.contains(document.activeElement) ? document.activeElement : null;
    const mark = active && [active.tagName, active.getAttribute("href"), active.textContent].join(" ");
    old.replaceChildren(...document.importNode(made, true).childNodes);
    if (mark === null) return;
    for (const one of old.querySelectorAll("a, button, select"))
      if ([one.tagName, one.getAttribute("href"), one.textContent].join(" ") === mark) return one.focus();
  };

  // Search through the open logs; lines that come later are looked at as they come.
  const box = by("search");
  let hits = [];
  let at = -1;
  const show = (next) => {
    if (hits.length === 0) return;
    hits[at]?.classList.remove("at");
    at = (next + hits.length) % hits.length;
    hits[at].classList.add("at");
    hits[at].scrollIntoView({ block: "center" });
    by("count").textContent = at + 1 + " of " + hits.length;
  };
  const note = (line) => {
    const wanted = box.value.toLowerCase();
    if (wanted === "" || !line.textContent.toLowerCase().includes(wanted)) return;
    line.classList.add("hit");
    hits.push(line);
  };
  const tally = () => {
    if (at >= 0) return;
    by("count").textContent = box.value === "" ? "" : hits.length === 0 ? "nothing found" : hits.length + " found";
  };
  const search = () => {
    for (const line of hits) line.classList.remove("hit", "at");
    hits = [];
    at = -1;
    for (const line of document.querySelectorAll("details[open] pre.log > span")) note(line);
    tally();
  };
  // Logs: asked for when they are open, from where the last answer ended.
  const MOST_LINES = 20000;
  const more = async (log) => {
    if (!log.open) return;
    if (log.busy) { log.again = true; return; }
    log.busy = true;
    const pre = log.querySelector("pre");
    try {
      for (;;) {
        const words = new URLSearchParams({ file: log.dataset.file });
        if (log.dataset.job) words.set("job", log.dataset.job);
        if (log.from !== undefined) words.set("from", log.from);
        const answer = await fetch(base + "runs/" + encodeURIComponent(run) + "/log?" + words);
        if (!answer.ok) throw new Error();
        const { lines, next, size, from, raw } = await answer.json();
        if (log.from === undefined && from > 0) {
          const before = log.querySelector(".before");
          const link = make("a", "the whole log");
          link.href = raw;
          before.replaceChildren(from + " bytes came before this: ", link);
        }
        const atEnd = pre.scrollHeight - pre.scrollTop - pre.clientHeight < 40;
        const part = document.createDocumentFragment();
        for (const pieces of lines) {
          const line = make("span");
          for (const { text, classes } of pieces) line.append(classes.length ? make("span", text, classes.join(" ")) : text);
          part.append(line);
          note(line);
        }
        pre.append(part);
        tally();
        while (pre.childElementCount > MOST_LINES) pre.firstElementChild.remove();
        if (atEnd) pre.scrollTop = pre.scrollHeight;
        const ended = log.from === next || next >= size;
        log.from = next;
        const count = pre.childElementCount;
        log.querySelector(".size").textContent = count === 0 ? "empty" : count + (count === 1 ? " line" : " lines");
        if (ended) break;
      }
    } catch {
      log.querySelector(".size").textContent = "cannot be read";
    }
    log.busy = false;
    if (log.again) { log.again = false; more(log); }
  };
  const take = (log) => {
    log.querySelector("summary").addEventListener("click", () => { log.dataset.touched = ""; });
    log.addEventListener("toggle", () => more(log));
    more(log);
  };
  const logs = () => [...document.querySelectorAll("details.log")];
  for (const log of logs()) take(log);
  const openTarget = () => {
    const target = by(decodeURIComponent(location.hash.slice(1)));
    if (target?.tagName === "DETAILS") target.open = true;
  };
  addEventListener("hashchange", openTarget);
  openTarget();

  // Keys.
  if (box) {
    box.addEventListener("input", search);
    box.addEventListener("keydown", (event) => {
      if (event.key === "Enter") { event.preventDefault(); show(at + (event.shiftKey ? -1 : 1)); }
      if (event.key === "Escape") { box.value = ""; search(); box.blur(); }
    });
    by("next").addEventListener("click", () => show(at + 1));
  }
  const step = (by_) => {
    const all = run ? logs().map((log) => log.querySelector("summary")) : [...document.querySelectorAll("main table a")];
    const now = all.indexOf(document.activeElement);
    all[Math.min(all.length - 1, Math.max(0, now + by_))]?.focus();
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName)) return;
    if (event.key === "/" && box) { event.preventDefault(); box.focus(); }
    if (event.key === "j") step(1);
    if (event.key === "k") step(-1);
    if (event.key === "n") show(at + 1);
  });

  // Events: only while somebody looks, since a browser has few connections for one address.
  let source = null;
  let timer = 0;
  const soon = () => { timer ||= setTimeout(() => { timer = 0; refresh().catch(() => {}); }, 300); };
  const state = (text) => { by("link").textContent = text; };
  const listen = () => {
    if (source !== null || document.hidden) return;
    source = new EventSource(base + "events" + (run ? "?run=" + encodeURIComponent(run) : ""));
    source.addEventListener("open", () => { state("live"); soon(); for (const log of logs()) more(log); });
    source.addEventListener("error", () => state("not connected"));
    source.addEventListener("changed", soon);
    source.addEventListener("log", (event) => {
      const told = JSON.parse(event.data);
      const log = logs().find(({ dataset }) => dataset.file === told.file && (dataset.job ?? null) === told.job);
      if (log) more(log); else soon();
    });
    source.addEventListener("notice", (event) => notice(JSON.parse(event.data)));
  };
  document.addEventListener("visibilitychange", () => {
    if (by("live") === null) return;
    if (!document.hidden) return listen();
    source?.close();
    source = null;
    state("");
  });
  addEventListener("pagehide", () => { source?.close(); source = null; });
  if (by("live")) {
    addEventListener("pageshow", listen);
    listen();
  }
})();
`;

/** The report's only script: a search through the logs, and keys. It reads text and sets classes, nothing else. */
export const script = `
"use strict";
(() => {
  const box = document.getElementById("search");
  const count = document.getElementById("count");
  const logs = [...document.querySelectorAll("details.log")];
  let hits = [];
  let at = -1;
  const clear = () => {
    for (const line of hits) line.classList.remove("hit", "at");
    hits = [];
    at = -1;
  };
  const show = (next) => {
    if (hits.length === 0) return;
    if (at >= 0) hits[at].classList.remove("at");
    at = (next + hits.length) % hits.length;
    const line = hits[at];
    line.closest("details").open = true;
    line.classList.add("at");
    line.scrollIntoView({ block: "center" });
    count.textContent = at + 1 + " of " + hits.length;
  };
  const search = () => {
    clear();
    const wanted = box.value.toLowerCase();
    count.textContent = "";
    if (wanted === "") return;
    for (const log of logs)
      for (const line of log.querySelectorAll("pre.log > span"))
        if (line.textContent.toLowerCase().includes(wanted)) hits.push(line);
    for (const line of hits) line.classList.add("hit");
    count.textContent = hits.length === 0 ? "nothing found" : hits.length + " found";
  };
  const jump = (step) => {
    const now = logs.indexOf(document.activeElement.closest("details.log"));
    const next = logs[Math.min(logs.length - 1, Math.max(0, now + step))];
    if (next) next.querySelector("summary").focus();
  };
  let typing = 0;
  box.addEventListener("input", () => {
    clearTimeout(typing);
    typing = setTimeout(search, 120);
  });
  box.addEventListener("keydown", (event) => {
    if (event.key === "Enter") {
      event.preventDefault();
      if (hits.length === 0) search();
      show(at + (event.shiftKey ? -1 : 1));
    }
    if (event.key === "Escape") {
      box.value = "";
      search();
      box.blur();
    }
  });
  document.getElementById("next").addEventListener("click", () => show(at + 1));
  document.getElementById("open").addEventListener("click", () => {
    const open = logs.some((log) => !log.open);
    for (const log of logs) log.open = open;
  });
  document.addEventListener("keydown", (event) => {
    if (event.target === box || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "/") {
      event.preventDefault();
      box.focus();
    }
    if (event.key === "j") jump(1);
    if (event.key === "k") jump(-1);
    if (event.key === "n") show(at + 1);
  });
  const openTarget = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (target && target.tagName === "DETAILS") target.open = true;
  };
  for (const log of logs) {
    const text = log.querySelector("pre");
    const toEnd = () => { text.scrollTop = text.scrollHeight; };
    log.addEventListener("toggle", toEnd, { once: true });
    toEnd();
  }
  addEventListener("hashchange", openTarget);
  openTarget();
})();
`;

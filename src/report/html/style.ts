/** The report's style sheet: light and dark, wide and narrow, on screen and paper. */
export const style = `
:root { color-scheme: light dark; --bg: #fff; --fg: #1c1f24; --dim: #5c6470; --line: #d9dde3; --soft: #f4f6f8;
  --good: #13783c; --bad: #c22f2f; --warn: #9a6200; --odd: #7a3fb0; --accent: #1f5fbf; --bar: #5b8def; --bar2: #b9cdf5;
  --c0: #1c1f24; --c1: #b42318; --c2: #13783c; --c3: #8a5a00; --c4: #1f5fbf; --c5: #8a3fb0; --c6: #0b7285; --c7: #5c6470;
  --c8: #5c6470; --c9: #d43a2f; --c10: #1a8f4a; --c11: #a86e00; --c12: #2f74dd; --c13: #a04fcb; --c14: #0e8aa0; --c15: #1c1f24; }
@media (prefers-color-scheme: dark) { :root { --bg: #14171b; --fg: #e4e7eb; --dim: #9aa3af; --line: #31373f; --soft: #1c2127;
  --good: #57c785; --bad: #ff7b72; --warn: #e3b341; --odd: #c69cff; --accent: #7fb0ff; --bar: #4f83e6; --bar2: #2f4a7d;
  --c0: #9aa3af; --c1: #ff7b72; --c2: #57c785; --c3: #e3b341; --c4: #7fb0ff; --c5: #d2a8ff; --c6: #56d4dd; --c7: #c9d1d9;
  --c8: #9aa3af; --c9: #ffa198; --c10: #7ee2a8; --c11: #f2cc60; --c12: #a5c8ff; --c13: #e2c5ff; --c14: #8be9f0; --c15: #fff; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--bg); color: var(--fg); font: 15px/1.5 system-ui, sans-serif; }
main { max-width: 72rem; margin: 0 auto; padding: 1rem 1.25rem 4rem; }
h1 { font-size: 1.4rem; margin: .5rem 0; overflow-wrap: anywhere; }
h2 { font-size: 1.1rem; margin: 2rem 0 .6rem; border-bottom: 1px solid var(--line); padding-bottom: .2rem; }
a { color: var(--accent); }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
code, pre, .mono { font-family: ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; font-size: .87em; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .15rem 1rem; margin: 0; }
dt { color: var(--dim); } dd { margin: 0; overflow-wrap: anywhere; }
h3 { font-size: 1rem; margin: .8rem 0 .2rem; } h3 + p { margin: .2rem 0; overflow-wrap: anywhere; }
.narrow { display: none; } .dim { color: var(--dim); }
pre.last { margin: .3rem 0; padding: .4rem 0; background: var(--soft); border-left: 4px solid var(--bad); }
pre.last > span { display: block; padding: 0 .7rem; white-space: pre-wrap; overflow-wrap: anywhere; min-height: 1.5em; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .3rem .75rem .3rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
th { color: var(--dim); font-weight: 500; } td.n { text-align: right; white-space: nowrap; } td.t { overflow-wrap: anywhere; }
.v { font-weight: 600; white-space: nowrap; } .passed, .cached { color: var(--good); } .failed { color: var(--bad); }
.timeout, .cancelled, .flaky { color: var(--warn); } .infra { color: var(--odd); } .skipped, .running, .pending { color: var(--dim); }
ol.attempts { margin: .2rem 0 0; padding-left: 1.4rem; }
.error { border-left: 4px solid var(--bad); background: var(--soft); padding: .5rem .8rem; white-space: pre-wrap; overflow-wrap: anywhere; }
svg.wide { display: block; } svg { width: 100%; max-width: 900px; height: auto; } svg text { fill: var(--fg); font: 12px system-ui, sans-serif; }
svg .dim { fill: var(--dim); } svg .bar { fill: var(--bar); } svg .bar2 { fill: var(--bar2); } svg rect.critical { stroke: var(--fg); } svg text.critical { font-weight: 700; } svg .box { fill: var(--soft); stroke: var(--line); }
svg .edge { stroke: var(--dim); fill: none; } svg .grid { stroke: var(--line); }
#tools { position: sticky; top: 0; background: var(--bg); padding: .5rem 0; display: flex; flex-wrap: wrap; gap: .5rem; align-items: center; z-index: 1; }
#tools input { flex: 1 1 12rem; min-width: 0; padding: .35rem .5rem; font: inherit; color: inherit; background: var(--soft); border: 1px solid var(--line); border-radius: 4px; }
#tools button { font: inherit; padding: .3rem .7rem; }
details { border: 1px solid var(--line); border-radius: 4px; margin: .5rem 0; } summary { padding: .4rem .7rem; cursor: pointer; }
pre.log { margin: 0; padding: .5rem 0; background: var(--soft); overflow-y: auto; max-height: 70vh; counter-reset: line; }
pre.log > span { display: block; padding: 0 .7rem; white-space: pre-wrap; overflow-wrap: anywhere; min-height: 1.5em; }
pre.log > span.hit { background: color-mix(in srgb, var(--warn) 22%, transparent); } pre.log > span.at { outline: 2px solid var(--warn); outline-offset: -2px; }
.note { color: var(--dim); margin: .3rem .7rem; }
kbd { border: 1px solid var(--line); border-radius: 3px; padding: 0 .3em; font-size: .85em; }
.tb { font-weight: 700; } .td { opacity: .7; } .ti { font-style: italic; } .tu { text-decoration: underline; } .ts { text-decoration: line-through; } .tu.ts { text-decoration: underline line-through; }
.tu2 { text-decoration-style: double; } .tu3 { text-decoration-style: wavy; } .tu4 { text-decoration-style: dotted; } .tu5 { text-decoration-style: dashed; } .tr { filter: invert(1); }
${Array.from({ length: 16 }, (_, color) => `.f${color} { color: var(--c${color}); } .k${color} { background: color-mix(in srgb, var(--c${color}) 30%, transparent); }`).join("\n")}
@media (max-width: 40rem) { main { padding: .5rem .75rem 3rem; } dl { grid-template-columns: 1fr; } dt { margin-top: .4rem; } .wide, svg.wide { display: none; } .narrow { display: block; padding: 0; }
  ul.narrow { padding-left: 1.2rem; } ul.narrow li { overflow-wrap: anywhere; }
  table, tbody, tr, td { display: block; } th { display: none; } tr { border-bottom: 1px solid var(--line); padding: .3rem 0; }
  td, td.n { border: 0; padding: .1rem 0; text-align: left; overflow-wrap: anywhere; } }
@media print { #tools { display: none; } pre.log { max-height: none; } }
`;

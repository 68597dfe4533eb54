import { style as reportStyle } from "../html/style.ts";

/** The report's style sheet, and what only the pages have. */
export const style = `${reportStyle}
body { scrollbar-gutter: stable; }
body > nav { display: flex; flex-wrap: wrap; gap: .3rem 1.1rem; align-items: baseline; padding: .55rem 1.25rem; border-bottom: 1px solid var(--line); background: var(--soft); }
body > nav a { text-decoration: none; padding: .1rem 0; } body > nav a[aria-current] { color: var(--fg); font-weight: 600; border-bottom: 2px solid var(--accent); }
body > nav #link { margin-left: auto; font-size: .85em; }
main:focus { outline: none; }
.skip { position: absolute; left: -99rem; } .skip:focus { left: .5rem; top: .3rem; background: var(--bg); padding: .3rem .6rem; z-index: 3; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); margin: 0; }
.crumbs { margin: 0; color: var(--dim); }
button, select { font: inherit; color: inherit; background: var(--soft); border: 1px solid var(--line); border-radius: 4px; padding: .3rem .7rem; max-width: 100%; }
button { cursor: pointer; } button:hover:enabled, select:hover { border-color: var(--dim); } button:disabled { opacity: .5; cursor: default; }
button.stop { color: var(--bad); border-color: var(--bad); background: transparent; }
.actions, .choose { display: flex; flex-wrap: wrap; gap: .5rem .9rem; align-items: center; margin: .8rem 0; } .actions .choose { margin: 0; }
.choose label { color: var(--dim); display: inline-flex; flex-wrap: wrap; align-items: center; gap: .4rem; max-width: 100%; min-width: 0; }
.badge { border: 1px solid var(--line); border-radius: 3px; padding: 0 .35em; font-size: .82em; color: var(--dim); white-space: nowrap; } .badge.warn { color: var(--warn); border-color: currentColor; }
.flaky { color: var(--warn); } .broken { color: var(--odd); } .detached { color: var(--accent); } h1 .running, td .running { color: var(--accent); }
.count { white-space: nowrap; margin-right: .5rem; } .label { display: none; color: var(--dim); }
table.runs td:nth-child(2), table.runs td:nth-child(3) { white-space: nowrap; } table.runs td:nth-child(3) { max-width: 14rem; overflow: hidden; text-overflow: ellipsis; }
tbody tr:hover { background: var(--soft); } time { font-variant-numeric: tabular-nums; } td.n { font-variant-numeric: tabular-nums; }
thead th { position: sticky; top: 0; background: var(--bg); }
.pager { display: flex; gap: 1rem; margin: 1rem 0; }
#notices { position: sticky; top: 0; z-index: 2; max-width: 72rem; margin: 0 auto; padding: 0 1.25rem; }
.notice { margin: .4rem 0; padding: .4rem .7rem; background: var(--soft); border-left: 4px solid var(--accent); white-space: pre-wrap; overflow-wrap: anywhere; } .notice.bad { border-color: var(--bad); }
.notice button { padding: 0 .45rem; line-height: 1.3; }
svg.chart { margin: .4rem 0; } svg.marks { width: 160px; max-width: none; height: 16px; vertical-align: middle; } svg .verdict { fill: currentColor; } svg .usual { stroke: var(--dim); stroke-dasharray: 4 3; }
#logs .before:empty { display: none; } #logs pre.log { max-height: 60vh; }
#logs pre.log:empty { padding: 0; }
@media (max-width: 40rem) { body > nav { padding: .5rem .75rem; } #notices { padding: 0 .75rem; } .label { display: inline; } .wide-only { display: none; }
  thead { display: none; } table.runs tr { display: flex; flex-wrap: wrap; gap: 0 .8rem; padding: .5rem 0; } table.runs td:last-child { flex-basis: 100%; } table.runs td:nth-child(3) { max-width: 100%; }
  table.compact tr { display: flex; flex-wrap: wrap; gap: 0 .8rem; }
  select { min-width: 0; } }
`;

/** The style of a report. */
export const STYLE = `
:root { color-scheme: light dark; --ink: #1b1f24; --dim: #57606a; --line: #d0d7de; --paper: #fff; --bars: #0969da;
  --emas: #8250df; --good: #1a7f37; --bad: #b3261e; --warn: #8a5a00; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --dim: #9da7b3; --line: #3d444d; --paper: #0d1117;
  --bars: #4493f8; --emas: #ab7df8; --good: #3fb950; --bad: #ff7b72; --warn: #d29922; } }
body { margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
main, footer { max-width: 60rem; margin: 0 auto; padding: 1rem; }
footer, dt, .legend { color: var(--dim); font-size: 13px; }
h1 { font-size: 1.6rem; margin: .5rem 0; } h2 { font-size: 1.15rem; margin: 2rem 0 .5rem; }
.verdict { font-weight: 600; } .error { color: var(--bad); }
dl { display: flex; flex-wrap: wrap; gap: .75rem 2rem; margin: 1rem 0; } dd { margin: 0; font-variant-numeric: tabular-nums; }
.wide { overflow-x: auto; } table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: .3rem .6rem; border-bottom: 1px solid var(--line); vertical-align: top; overflow-wrap: anywhere; }
th { color: var(--dim); font-weight: 600; white-space: nowrap; }
.tag { font-size: .8em; font-weight: 600; padding: .1em .5em; border: 1px solid currentColor; border-radius: 1em; white-space: nowrap; }
.tag.ok { color: var(--good); } .tag.failed, .tag.died, .tag.interrupted { color: var(--bad); }
.tag.warning, .tag.refused, .tag.skipped, .tag.not_run, .tag.running { color: var(--warn); }
svg { width: 100%; height: auto; } svg text { font-size: 11px; fill: var(--dim); } svg .bad { fill: var(--bad); font-weight: 700; }
.grid { stroke: var(--line); } .bars { fill: var(--bars); background: var(--bars); } .emas { fill: var(--emas); background: var(--emas); }
.key { display: inline-block; width: .8em; height: .8em; }
@media print { .wide { overflow: visible; } }
`;

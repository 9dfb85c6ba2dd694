# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How the page looks: light and dark, wide and narrow, on paper."""

from __future__ import annotations

STYLE = """
:root {
  --paper: #fdfdfb; --ink: #1d1d1b; --muted: #5d5d58; --rule: #d9d8d2; --soft: #f3f2ed;
  --new: #1f5f9f; --old: #7d95ac; --good: #1e6b41; --bad: #ad2a1f; --warn: #7d5200;
  --text: system-ui, -apple-system, "Segoe UI", "Helvetica Neue", "Noto Sans", Arial, sans-serif;
  --mono: ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --paper: #161615; --ink: #e9e7e1; --muted: #a5a39b; --rule: #3a3936; --soft: #201f1d;
    --new: #7db2ec; --old: #647b94; --good: #70c796; --bad: #f38b80; --warn: #e2b457;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.5 var(--text);
  overflow-wrap: anywhere; }
header, section, footer { max-width: 78rem; margin: 0 auto; padding: 0 2rem; }
header { padding-top: 3rem; }
h1 { font-size: 2.6rem; line-height: 1.1; letter-spacing: -.02em; font-weight: 600; margin: 0; }
h2 { font-size: 1rem; font-weight: 600; margin: 0; }
h3 { font-size: .9rem; font-weight: 600; margin: 2rem 0 .5rem; }
p { margin: 0 0 .8rem; max-width: 46rem; }
.over { color: var(--muted); margin: 0 0 .4rem; }
.lede { font-size: 1.25rem; line-height: 1.45; margin: 1rem 0 0; }
.muted, .unknown { color: var(--muted); }
.unknown { font-style: italic; }
.name { font-family: var(--mono); font-size: .86em; }
.verdict { font-weight: 600; }
.good { color: var(--good); } .bad { color: var(--bad); } .warn { color: var(--warn); }

.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(10rem, 1fr)); gap: 1.5rem 2rem;
  margin: 2.2rem 0 0; padding: 1.4rem 0 0; border-top: 2px solid var(--ink); }
.figures div { display: flex; flex-direction: column; }
.figures dt { color: var(--muted); font-size: .87rem; order: 1; }
.figures dd { margin: 0; font-size: 1.75rem; line-height: 1.25; font-weight: 600; letter-spacing: -.01em;
  font-variant-numeric: tabular-nums; }
.figures dd.unknown { font-weight: 400; font-size: 1.4rem; line-height: 1.57; }
.figures dd + dd { order: 2; font-size: .87rem; font-weight: 400; letter-spacing: 0; color: var(--muted); }

section { display: grid; grid-template-columns: 10rem minmax(0, 1fr); gap: 0 2rem; margin-top: 2.6rem; }
section > h2 { border-top: 1px solid var(--rule); padding-top: 1rem; margin-right: -2rem; }
section > div { border-top: 1px solid var(--rule); padding-top: 1rem; }
section > div > h3:first-child { margin-top: 0; }

.findings { list-style: none; margin: 0; padding: 0; }
.findings li { padding: .1rem 0 .5rem 1.6rem; position: relative; max-width: 48rem; }
.findings .mark { position: absolute; left: 0; top: .42rem; }

table { width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums; margin: 0 0 1rem; }
th, td { text-align: left; vertical-align: baseline; padding: .42rem 1.2rem .42rem 0;
  border-bottom: 1px solid var(--rule); }
tbody tr:last-child > * { border-bottom: 0; }
tr.noted > * { border-bottom: 0; padding-bottom: 0; }
.note td { color: var(--muted); font-size: .9rem; padding-top: 0; }
th:last-child, td:last-child { padding-right: 0; }
thead th { font-weight: 400; font-size: .87rem; color: var(--muted); white-space: nowrap; }
tbody th { font-weight: 400; }
.number { text-align: right; white-space: nowrap; }
.nowrap { white-space: nowrap; } .nowrap small { white-space: normal; }
.dense th, .dense td { padding-top: .2rem; padding-bottom: .2rem; }
.dense th small { display: inline; margin-left: .6rem; }
.bar { width: 24%; min-width: 7rem; }
td small, th small { display: block; color: var(--muted); font-size: .87rem; }

a { color: var(--new); }
svg { fill: currentColor; }
.mark { width: .8em; height: .8em; margin-right: .45em; vertical-align: -.04em; flex: none; }
.strip { display: block; width: 100%; height: .75rem; }
.columns { display: block; width: 100%; height: 7rem; margin: 0 0 .4rem; border-bottom: 1px solid var(--muted); }
.fill { stroke: none; } .fill.good { fill: var(--good); } .fill.bad { fill: var(--bad); }
.fill.warn { fill: var(--warn); }
.line { fill: none; stroke: currentColor; stroke-width: 1.5; }
.line.faint { stroke: var(--muted); stroke-width: 1; vector-effect: non-scaling-stroke; }
.dashed { stroke-dasharray: 2.5 2.5; }
.old { fill: var(--old); } .new { fill: var(--new); } .rail { fill: var(--rule); } .mean { fill: var(--ink); }
.hatched { fill: none; stroke: var(--muted); stroke-dasharray: 3 3; vector-effect: non-scaling-stroke; }
.key { font-size: .87rem; color: var(--muted); }
.key svg { width: .9em; height: .7em; margin: 0 .35em 0 0; vertical-align: 0; }
.key span { margin-right: 1.4em; white-space: nowrap; }

.picture { display: block; width: 100%; height: auto; font: 13px var(--text); }
.picture.narrow { display: none; }
.picture text { fill: var(--ink); }
.picture .strong { font-weight: 600; } .picture .small { font-size: 12px; }
.picture .name { font-family: var(--mono); font-size: 12px; }
.picture text.muted { fill: var(--muted); }
.picture .box { fill: none; stroke: var(--ink); stroke-width: 1.5; }
.picture .zone { fill: var(--soft); stroke: var(--rule); }
.picture .node { fill: var(--paper); stroke: var(--rule); }
.picture .node.out { stroke: var(--bad); stroke-width: 1.5; }
.picture .node.unknown, .picture .node.moving { stroke: var(--muted); }
.picture .dashed { stroke-dasharray: 4 3; }
.picture .axis { fill: none; stroke: var(--muted); }
.picture .trace { fill: none; stroke: var(--new); stroke-width: 2; stroke-linejoin: round; }
.picture .trace.each { stroke: var(--old); stroke-width: 1; }
.picture .trace.second { stroke: var(--ink); stroke-width: 1.5; stroke-dasharray: 7 4; }
.picture .limit { fill: none; stroke: var(--bad); stroke-dasharray: 2 4; }
.picture .wire { fill: none; stroke: var(--muted); }

.story { list-style: none; margin: 0; padding: 0; }
.story li { display: grid; grid-template-columns: 11.5rem minmax(0, 1fr); gap: 0 1.5rem; padding: .5rem 0;
  border-bottom: 1px solid var(--rule); }
.story li:last-child { border-bottom: 0; }
.story time { font-variant-numeric: tabular-nums; color: var(--muted); }
.story p { margin: 0; max-width: none; } .story p + p { color: var(--muted); font-size: .9rem; }
footer { color: var(--muted); font-size: .87rem; margin-top: 3rem; padding-bottom: 3rem; }
footer p { border-top: 1px solid var(--rule); padding-top: 1rem; max-width: none; }

@media (max-width: 1160px) {
  section { display: block; }
  section > h2 { margin: 0; }
  section > div { border-top: 0; padding-top: .8rem; }
  .dense th small { display: block; margin: 0; }
}
@media screen and (max-width: 640px) {
  .picture.wide { display: none; } .picture.narrow { display: block; }
  header, section, footer { padding-left: 1rem; padding-right: 1rem; }
  header { padding-top: 1.6rem; }
  h1 { font-size: 2rem; } .lede { font-size: 1.1rem; }
  .figures { grid-template-columns: 1fr 1fr; gap: 1.1rem; }
  .story li { display: block; }
}
@media screen and (max-width: 960px) {
  table, tbody, tr, th, td { display: block; width: auto; }
  thead { position: absolute; clip-path: inset(50%); width: 1px; height: 1px; overflow: hidden; }
  tr { display: flex; flex-wrap: wrap; gap: .05rem 1.2rem; padding: .6rem 0; border-bottom: 1px solid var(--rule); }
  th, td { border: 0; padding: 0; text-align: left; }
  tbody th { flex: 1 0 100%; }
  td[data-label]::before { content: attr(data-label) " "; color: var(--muted); font-size: .87rem; }
  td.wide, td.bar { flex: 1 0 100%; } td.bar { padding: .25rem 0; }
  td small { display: inline; }
  tr.noted { border-bottom: 0; padding-bottom: 0; } .note { padding-top: .1rem; }
  .note td { flex: 1 0 100%; }
}
@media print {
  :root { --paper: #fff; }
  html { font-size: 11px; }
  body { font-size: 1rem; }
  header, section, footer { max-width: none; padding: 0; }
  h2 { break-after: avoid; } h3 { break-after: avoid; }
  section { margin-top: 1.4rem; }
  tr, li, .picture, .figures, .columns { break-inside: avoid; }
  thead { display: table-header-group; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
@page { margin: 14mm; }
""".lstrip()

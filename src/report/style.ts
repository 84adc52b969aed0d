import { COLOURS, DASHES } from './series-look.ts'

/** Okabe and Ito, "Color universal design" (2008), told apart by those who are colour-blind too; lighter on dark ground. */
const light = ['#0072b2', '#d55e00', '#009e73', '#aa4499', '#b07d00', '#56a0d3', '#555555']
const dark = ['#56b4e9', '#ff8c42', '#2fc7a0', '#e69fcb', '#f0c419', '#9ecbff', '#bbbbbb']

const variables = (colours: readonly string[]): string =>
  colours.map((colour, at) => `--c${at}:${colour}`).join(';')

const borders = ['solid', 'dashed', 'dotted'] satisfies Readonly<Record<number, string>>

/** The style of the page: the only one, by its policy. */
export const style = `
:root{color-scheme:light dark;--ground:#fff;--text:#1b1b1b;--quiet:#5a5a5a;--line:#d8d8d8;--shade:#f5f5f5;${variables(light)}}
@media (prefers-color-scheme:dark){:root{--ground:#15171a;--text:#e8e8e8;--quiet:#a8a8a8;--line:#3a3d42;--shade:#1f2226;${variables(dark)}}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:1240px;padding:1rem;background:var(--ground);color:var(--text);font:15px/1.5 system-ui,sans-serif;overflow-wrap:anywhere}
h1{font-size:1.6rem;margin:.2rem 0}
h2{font-size:1.25rem;margin:2rem 0 .6rem;border-bottom:1px solid var(--line)}
h3{font-size:1rem;margin:1rem 0 .3rem}
p{margin:.3rem 0}
nav ul,.legend{list-style:none;display:flex;flex-wrap:wrap;gap:.2rem 1rem;margin:.3rem 0;padding:0}
a{color:var(--c0)}
.quiet,.notes{color:var(--quiet);font-size:.87rem}
.blocks{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,480px),1fr));gap:1rem 1.5rem;align-items:start}
.blocks>*{min-width:0;margin:0}
.wide{grid-column:1/-1}
figure{margin:0;break-inside:avoid}
figcaption{font-weight:600}
.scroll{overflow-x:auto;max-width:100%}
svg.plot{display:block;width:100%;height:auto;min-width:330px;max-width:540px}
svg.plot text{white-space:pre}
.legend{font-size:.87rem}
.legend span{display:inline-block;width:1.8rem;margin-right:.4rem;vertical-align:middle}
.legend .bar{height:.8rem;width:.8rem}
.legend .sign{width:auto;font-size:1.1rem;line-height:1}
.legend .line{border-top:3px solid}
.legend .level{border-top:2px dashed var(--quiet)}
${DASHES.map((_, at) => `.legend .d${at}{border-top-style:${borders[at]!}}`).join('\n')}
${Array.from({ length: COLOURS }, (_, at) => `.legend .line.c${at}{border-top-color:var(--c${at})}.legend .bar.c${at}{background:var(--c${at})}.legend .sign.c${at}{color:var(--c${at})}`).join('\n')}
table{border-collapse:collapse;font-size:.87rem;font-variant-numeric:tabular-nums}
caption{text-align:left;font-weight:600}
th,td{border-bottom:1px solid var(--line);padding:.2rem .7rem .2rem 0;text-align:left;vertical-align:top;overflow-wrap:normal}
td{max-width:48rem;overflow-wrap:break-word}
table.narrow td{overflow-wrap:anywhere}table.narrow td:first-child{overflow-wrap:normal;color:var(--quiet)}
td.number,th.number{text-align:right;white-space:nowrap}
details{margin:.3rem 0}
summary{cursor:pointer;color:var(--quiet);font-size:.87rem}
details .scroll{max-height:24rem;overflow:auto}
pre{background:var(--shade);padding:.6rem;font-size:.8rem;white-space:pre-wrap}
@media print{body{max-width:none;font-size:11px}nav,details:not([open]){display:none}.scroll{overflow:visible;max-height:none}svg.plot{min-width:0}h2{break-after:avoid}.bar,.line{print-color-adjust:exact}}
@media print and (prefers-color-scheme:dark){:root{--ground:#fff;--text:#1b1b1b;--quiet:#5a5a5a;--line:#d8d8d8;--shade:#f5f5f5;${variables(light)}}}
`

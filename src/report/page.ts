import { createHash } from 'node:crypto'
import type { Block, Chart, ReportTable, Section } from './chart.ts'
import { drawChart, legend } from './draw-chart.ts'
import { escaped, jsonInHtml } from './html.ts'
import { shortNumber } from './print.ts'
import { style } from './style.ts'

export interface Page {
  readonly title: string
  /** Under the title. */
  readonly about: string
  readonly sections: readonly Section[]
  /** Beside the charts in `#report-data`. */
  readonly data: Readonly<Record<string, unknown>>
}

/** How a page of ours starts, by which it is known again. */
export const PAGE_START = '<!doctype html>\n<html lang="en" data-ensuite-report="1">\n'

/** A page of HTML that needs nothing else: its policy lets it load and run nothing. */
export function pageText({ title, about, sections, data }: Page): string {
  const digest = createHash('sha256').update(style).digest('base64')
  const policy = `default-src 'none'; style-src 'sha256-${digest}'; img-src data:; base-uri 'none'; form-action 'none'`
  const links = sections.map(({ id, title: name }) => `<li><a href="#${id}">${escaped(name)}</a></li>`)
  return `${PAGE_START}<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
<title>${escaped(title)}</title>
<style>${style}</style>
</head>
<body>
<header>
<h1>${escaped(title)}</h1>
<p class="quiet">${escaped(about)}</p>
<nav aria-label="Sections"><ul>${links.join('')}</ul></nav>
</header>
<main>
${sections.map(sectionText).join('\n')}
</main>
<script type="application/json" id="report-data">${jsonInHtml({ ...data, charts: chartsOf(sections) })}</script>
</body>
</html>
`
}

/** All charts, in the order of the page, also those that are folded away. */
export function chartsOf(sections: readonly Section[]): readonly Chart[] {
  const within = (block: Block): readonly Chart[] =>
    block.kind === 'chart' ? [block.chart] : block.kind === 'folded' ? block.blocks.flatMap(within) : []
  return sections.flatMap(({ blocks }) => blocks.flatMap(within))
}

const sectionText = ({ id, title, blocks }: Section): string =>
  `<section id="${id}">\n<h2>${escaped(title)}</h2>\n<div class="blocks">\n${blocks.map(blockText).join('\n')}\n</div>\n</section>`

function blockText(block: Block): string {
  switch (block.kind) {
    case 'chart':
      return chartText(block.chart)
    case 'table':
      return `<div class="wide">${tableText(block.table)}</div>`
    case 'note':
      return `<p class="wide quiet">${escaped(block.text)}</p>`
    case 'json':
      return `<div class="wide"><h3>${escaped(block.title)}</h3><pre>${escaped(JSON.stringify(block.value, undefined, 2))}</pre></div>`
    case 'folded':
      return `<details class="wide"><summary>${escaped(block.title)}</summary><div class="blocks">${block.blocks.map(blockText).join('\n')}</div></details>`
  }
}

function chartText(chart: Chart): string {
  const { id, title, notes = [] } = chart
  return `<figure id="${id}"><figcaption>${escaped(title)}</figcaption>
${notesText(notes)}${legend(chart)}
<div class="scroll">${drawChart(chart)}</div>
<details><summary>Data</summary>${tableText(dataTable(chart))}</details></figure>`
}

/** What a chart shows, as numbers. Columns that no row has are left out. */
function dataTable({ x, y, rows }: Chart): ReportTable {
  const columns = (
    [
      ['series', 'series'],
      ['x', x.label === '' ? 'name' : x.label],
      ['y', y.label],
      ['low', 'low'],
      ['high', 'high'],
      ['sessions', 'sessions'],
      ['mark', 'mark'],
    ] as const
  ).filter(([key]) => rows.some((row) => row[key] !== undefined))
  return {
    head: columns.map(([, name]) => name),
    rows: rows.map((row) => columns.map(([key]) => row[key])),
  }
}

function tableText({ title, notes = [], head, rows, isNarrow = false }: ReportTable): string {
  const isNumber = head.map((_, at) => rows.some((row) => typeof row[at] === 'number'))
  const kind = (at: number): string => (isNumber[at] === true ? ' class="number"' : '')
  const cell = (value: string | number | undefined, at: number): string =>
    `<td${kind(at)}>${escaped(typeof value === 'number' ? shortNumber(value) : (value ?? ''))}</td>`
  const caption = title === undefined ? '' : `<caption>${escaped(title)}</caption>`
  const names = head.map((name, at) => `<th scope="col"${kind(at)}>${escaped(name)}</th>`)
  return `<div class="scroll"><table${isNarrow ? ' class="narrow"' : ''}>${caption}<thead><tr>${names.join('')}</tr></thead><tbody>
${rows.map((row) => `<tr>${row.map(cell).join('')}</tr>`).join('\n')}
</tbody></table></div>${notesText(notes)}`
}

const notesText = (notes: readonly string[]): string =>
  notes.map((note) => `<p class="notes">${escaped(note)}</p>`).join('')

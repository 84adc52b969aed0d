import * as Plot from '@observablehq/plot'
import { parseHTML } from 'linkedom'
import { barOptions } from './bar-options.ts'
import type { Chart } from './chart.ts'
import { curveOptions } from './curve-options.ts'
import { escaped } from './html.ts'
import { shortNumber } from './print.ts'
import { COLOURS, DASHES, FONT_SIZE, SYMBOLS, WIDTH } from './series-look.ts'

/** A chart as one SVG element that needs no script, with a name for those who cannot see it. */
export function drawChart(chart: Chart): string {
  // The types of both packages are of a browser's document, which this project has none of.
  const { document } = parseHTML('<html></html>') as unknown as { readonly document: object }
  const plot = chart.kind === 'bars' ? barOptions(chart) : curveOptions(chart)
  const options: object = { ...plot, document, width: WIDTH, className: 'plot' }
  const svg = drawn(options)
  // The rules are in the page's own style, which is the only one that its policy allows.
  for (const style of svg.querySelectorAll('style')) style.remove()
  svg.setAttribute('font-size', String(FONT_SIZE))
  // Written here, as linkedom leaves a `<` in an attribute as it is.
  const name = `<svg role="img" aria-label="${escaped(spokenText(chart))}" `
  return svg.outerHTML.replace('<svg ', () => name)
}

const drawn = Plot.plot as unknown as (options: object) => Drawn

/** What is used of an element of a drawing. */
interface Drawn {
  readonly outerHTML: string
  readonly querySelectorAll: (name: string) => Iterable<{ readonly remove: () => void }>
  readonly setAttribute: (name: string, value: string) => void
}

/** `Training loss over updates. updates against training loss (nats). a: 5.37 to 3.2, 512 points.` */
function spokenText({ title, x, y, series, rows }: Chart): string {
  const each = series.flatMap((name) => {
    const values = rows.filter((row) => row.series === name).map((row) => row.y)
    if (values.length === 0) return []
    const [least, most] = [Math.min(...values), Math.max(...values)].map(shortNumber)
    return `${name}: ${values.length} values from ${least} to ${most}`
  })
  const axes = x.label === '' ? y.label : `${y.label} against ${x.label}`
  return `${title}. ${axes}. ${each.join('; ')}.`
}

/** Which colour and dash is which series; nothing where there is one. */
export function legend({ kind, series, rows, levels = [] }: Chart): string {
  const means = levels.length > 0 ? '<li><span class="level"></span>mean</li>' : ''
  const drawn = new Set(rows.map((row) => row.series))
  if (drawn.size < 2 && means === '') return ''
  const items = series.flatMap((name, at) => {
    if (!drawn.has(name)) return []
    const sign = { bars: 'bar', points: 'sign', lines: `line d${at % DASHES.length}` }[kind]
    const letter = kind === 'points' ? SYMBOLS[at % SYMBOLS.length]![1] : ''
    return `<li><span class="${sign} c${at % COLOURS}">${letter}</span>${escaped(name)}</li>`
  })
  return `<ul class="legend">${items.join('')}${means}</ul>`
}

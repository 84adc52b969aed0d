import * as Plot from '@observablehq/plot'
import { parseHTML } from 'linkedom'
import type { Chart, ChartRow } from './chart.ts'
import { escaped } from './html.ts'
import { shortNumber } from './print.ts'

/** Colours and dashes of series are classes of the page's style: each has another of both next to it. */
export const COLOURS = 7
export const DASHES = ['none', '7 4', '2 4'] as const

/** In the units of the drawing; it is scaled to the place that it has. */
const WIDTH = 480
const HEIGHT = 300
const FONT_SIZE = 13
/** Of a letter of that size, more or less. */
const LETTER = 7.6
/** Bars of a group and what is between groups. */
const BAR = 17
const GAP = 11
const LONGEST_NAME = 26
/** Names along an axis that can be read beside each other. */
const MOST_TICKS = 10

const colour = (series: number): string => `var(--c${series % COLOURS})`
const dash = (series: number): string => DASHES[series % DASHES.length]!

/** A chart as one SVG element that needs no script, with a name for those who cannot see it. */
export function drawChart(chart: Chart): string {
  // The types of both packages are of a browser's document, which this project has none of.
  const { document } = parseHTML('<html></html>') as unknown as { readonly document: object }
  const plot = chart.kind === 'bars' ? bars(chart) : curves(chart)
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
  const each = series.map((name) => {
    const values = rows.filter((row) => row.series === name).map((row) => row.y)
    const [least, most] = [Math.min(...values), Math.max(...values)].map(shortNumber)
    return `${name}: ${values.length} values from ${least} to ${most}`
  })
  const axes = x.label === '' ? y.label : `${y.label} against ${x.label}`
  return `${title}. ${axes}. ${each.join('; ')}.`
}

function curves(chart: Chart): Plot.PlotOptions {
  const { kind, x, y, series, rows, levels = [] } = chart
  const isNamed = x.scale === 'names'
  const names = isNamed ? [...new Set(rows.map((row) => String(row.x)))] : []
  const every = Math.ceil(names.length / MOST_TICKS)
  const longest = Math.max(0, ...names.map((name) => shortened(name).length))
  const isTurned = names.length * longest * LETTER > WIDTH
  return {
    // Points and stars stand off the frame.
    ...{ insetLeft: 10, insetRight: 10, insetTop: 8, insetBottom: 8 },
    height: HEIGHT + (isTurned ? longest * LETTER * 0.7 : 0),
    marginLeft: 66,
    marginTop: 30,
    marginRight: 24,
    marginBottom: 48 + (isTurned ? longest * LETTER * 0.7 : 0),
    x: {
      label: x.label === '' ? null : x.label,
      ...(isNamed && {
        ...{ type: 'point', domain: names, ticks: names.filter((_, at) => at % every === 0) },
        ...{ tickFormat: (name: string) => shortened(name), tickRotate: isTurned ? -35 : 0 },
      }),
      ...(x.scale === 'log' && { type: 'log', ticks: logTicks(rows), tickFormat: shortNumber }),
      ...(x.scale === 'linear' && { type: 'linear', ticks: 6, tickFormat: shortNumber }),
      ...(x.scale === 'whole' && { type: 'linear', ticks: wholeTicks(rows), tickFormat: shortNumber }),
      labelAnchor: 'center',
      labelOffset: 40 + (isTurned ? longest * LETTER * 0.7 : 0),
    },
    y: { label: y.label, grid: true, nice: true, ticks: 6, tickFormat: shortNumber },
    marks: [
      Plot.frame({ stroke: 'currentColor', strokeOpacity: 0.25 }),
      ...levels.map((level) =>
        Plot.ruleY([level.y], {
          ...{ stroke: colour(series.indexOf(level.series)), strokeDasharray: '4 3', strokeOpacity: 0.8 },
        }),
      ),
      ...series.flatMap((name, at) => {
        const own = rows.filter((row) => row.series === name)
        return kind === 'lines' ? lineMarks(own, at) : pointMarks(own, at)
      }),
    ],
  }
}

/** At most so many, or names of numbers run into each other. */
const MOST_NUMBERS = 7

const numbersOf = (rows: readonly ChartRow[]): readonly [least: number, most: number] => {
  const values = rows.map((row) => Number(row.x))
  return [Math.min(...values), Math.max(...values)]
}

/** 1, 2 and 5 of each order of magnitude, or 1 alone where that is too many; the ends where none lies between. */
function logTicks(rows: readonly ChartRow[]): readonly number[] {
  const [least, most] = numbersOf(rows)
  const orders = Array.from(
    { length: Math.ceil(Math.log10(most / least)) + 2 },
    (_, at) => Math.floor(Math.log10(least)) + at,
  )
  const within = (steps: readonly number[]): readonly number[] =>
    orders
      .flatMap((order) => steps.map((step) => Number(`${step}e${order}`)))
      .filter((tick) => tick >= least && tick <= most)
  const ticks = [[1, 2, 5], [1]].map(within).find((each) => each.length <= MOST_NUMBERS)
  if (ticks !== undefined && ticks.length >= 2) return ticks
  return ticks === undefined
    ? within([1]).filter((_, at, all) => at % Math.ceil(all.length / MOST_NUMBERS) === 0)
    : [...new Set([least, most])]
}

function wholeTicks(rows: readonly ChartRow[]): readonly number[] {
  const [least, most] = numbersOf(rows)
  const step = Math.max(1, Math.ceil((most - least) / MOST_NUMBERS))
  return Array.from({ length: Math.floor((most - least) / step) + 1 }, (_, at) => least + at * step)
}

/** Few points are also dots: a line of one point would not be seen. */
const FEW_POINTS = 60

const lineMarks = (rows: readonly ChartRow[], series: number): readonly Plot.Markish[] => [
  Plot.line(rows, {
    ...{ x: 'x', y: 'y', stroke: colour(series), strokeWidth: 1.8, strokeDasharray: dash(series) },
  }),
  ...(rows.length <= FEW_POINTS ? [Plot.dot(rows, { x: 'x', y: 'y', r: 2.5, fill: colour(series) })] : []),
  ...stars(rows, series),
]

/** Of points, with the letter that a legend has for them. */
const SYMBOLS = [
  ['circle', '○'],
  ['square', '□'],
  ['triangle', '△'],
] as const

/** Points, and a line of steps over the best so far where there is such. */
const pointMarks = (rows: readonly ChartRow[], series: number): readonly Plot.Markish[] => {
  const best = rows.filter(({ mark }) => mark !== undefined)
  const last = rows.at(-1)
  const steps = best.length > 0 && last ? [...best, { ...best.at(-1)!, x: last.x }] : []
  return [
    Plot.line(steps, {
      ...{ x: 'x', y: 'y', stroke: colour(series), curve: 'step-after', strokeDasharray: dash(series) },
    }),
    Plot.dot(rows, {
      ...{ x: 'x', y: 'y', r: 4, stroke: colour(series), strokeWidth: 1.8 },
      symbol: SYMBOLS[series % SYMBOLS.length]![0],
    }),
    ...stars(rows, series),
  ]
}

const stars = (rows: readonly ChartRow[], series: number): readonly Plot.Markish[] => [
  Plot.dot(
    rows.filter(({ mark }) => mark !== undefined),
    { x: 'x', y: 'y', r: 7, symbol: 'star', fill: colour(series), stroke: 'var(--ground)' },
  ),
]

function bars(chart: Chart): Plot.PlotOptions {
  const { x, y, series, rows } = chart
  const names = [...new Set(rows.map((row) => String(row.x)))]
  const place = (name: string): readonly string[] =>
    series.filter((each) => rows.some((row) => row.series === each && row.x === name))
  // One after the other in the group: what is not there takes no place.
  const placed = rows.map((row) => {
    const group = names.slice(0, names.indexOf(String(row.x)))
    const before = group.reduce((sum, name) => sum + place(name).length * BAR + GAP, 0)
    const from = before + place(String(row.x)).indexOf(row.series) * BAR
    return { ...row, from: from + 1.5, to: from + BAR - 1.5, middle: from + BAR / 2 }
  })
  const height = Math.max(0, ...placed.map(({ to }) => to)) + GAP / 2
  const longest = Math.max(...names.map((name) => shortened(name).length))
  const middles = names.map((name) => {
    const own = placed.filter((row) => row.x === name)
    return (own[0]!.from + own.at(-1)!.to) / 2
  })
  const inSeries = ({ series: name }: ChartRow): string => colour(series.indexOf(name))
  const intervals = placed.filter(({ low }) => low !== undefined)
  return {
    height: height + (x.label === '' ? 66 : 92),
    marginLeft: Math.max(40, longest * LETTER + 14),
    ...{ marginTop: x.label === '' ? 8 : 34, marginRight: 22, marginBottom: 52 },
    x: {
      label: y.label,
      grid: true,
      nice: true,
      ticks: 5,
      tickFormat: shortNumber,
      zero: true,
      labelAnchor: 'center',
      labelOffset: 42,
    },
    y: { domain: [-GAP / 2, height], reverse: true, axis: null, label: null },
    marks: [
      Plot.rect(placed, { x1: 0, x2: 'y', y1: 'from', y2: 'to', fill: inSeries }),
      Plot.axisY(middles, {
        ...{ tickSize: 0, label: x.label === '' ? null : x.label, labelArrow: 'none', labelAnchor: 'top' },
        tickFormat: (_: number, at: number) => shortened(names[at]!),
      }),
      Plot.link(intervals, {
        ...{ x1: 'low', x2: 'high', y1: 'middle', y2: 'middle', strokeWidth: 1.6, stroke: 'currentColor' },
      }),
      ...(['low', 'high'] as const).map((end) =>
        Plot.ruleX(intervals, {
          ...{ x: end, y1: (row: Placed) => row.middle - CAP, y2: (row: Placed) => row.middle + CAP },
          ...{ stroke: 'currentColor', strokeWidth: 1.6 },
        }),
      ),
      Plot.ruleX([0], { strokeOpacity: 0.5 }),
    ],
  }
}

/** Half the height of an interval's ends. */
const CAP = 4
interface Placed {
  readonly middle: number
}

const shortened = (name: string): string =>
  name.length > LONGEST_NAME ? `${name.slice(0, LONGEST_NAME - 1)}…` : name

/** Which colour and dash is which series; nothing where there is one. */
export function legend({ kind, series, levels = [] }: Chart): string {
  const means = levels.length > 0 ? '<li><span class="level"></span>mean</li>' : ''
  if (series.length < 2 && means === '') return ''
  const items = series.map((name, at) => {
    const sign = { bars: 'bar', points: 'sign', lines: `line d${at % DASHES.length}` }[kind]
    const letter = kind === 'points' ? SYMBOLS[at % SYMBOLS.length]![1] : ''
    return `<li><span class="${sign} c${at % COLOURS}">${letter}</span>${escaped(name)}</li>`
  })
  return `<ul class="legend">${items.join('')}${means}</ul>`
}

import * as Plot from '@observablehq/plot'
import { linearTicks, logTicks, wholeTicks } from './axis-ticks.ts'
import { namesOf, type Chart, type ChartRow } from './chart.ts'
import { shortNumber } from './print.ts'
import { colour, dash, LETTER, shortened, SYMBOLS, WIDTH } from './series-look.ts'

const HEIGHT = 300
/** Names along an axis that can be read beside each other. */
const MOST_TICKS = 10

/** Lines or points over an axis of numbers or names. */
export function curveOptions(chart: Chart): Plot.PlotOptions {
  const { kind, x, y, series, rows, levels = [] } = chart
  const isNamed = x.scale === 'names'
  const names = isNamed ? namesOf(chart) : []
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
      ...(x.scale === 'linear' && { type: 'linear', ticks: linearTicks(rows), tickFormat: shortNumber }),
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

/** Few points are also dots: a line of one point would not be seen. */
const FEW_POINTS = 60

const lineMarks = (rows: readonly ChartRow[], series: number): readonly Plot.Markish[] => [
  Plot.line(rows, {
    ...{ x: 'x', y: 'y', stroke: colour(series), strokeWidth: 1.8, strokeDasharray: dash(series) },
  }),
  ...(rows.length <= FEW_POINTS ? [Plot.dot(rows, { x: 'x', y: 'y', r: 2.5, fill: colour(series) })] : []),
  ...stars(rows, series),
]

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

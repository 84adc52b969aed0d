import * as Plot from '@observablehq/plot'
import { namesOf, type Chart, type ChartRow } from './chart.ts'
import { shortNumber } from './print.ts'
import { colour, LETTER, shortened } from './series-look.ts'

/** Bars of a group and what is between groups. */
const BAR = 17
const GAP = 11

/** Bars that lie, in groups of a name, with their intervals. */
export function barOptions(chart: Chart): Plot.PlotOptions {
  const { x, y, series, rows } = chart
  const names = namesOf(chart)
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

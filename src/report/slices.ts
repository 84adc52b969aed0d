import { Type, type Static } from 'typebox'
import { Value } from 'typebox/value'
import { idOf, MOST_ROWS, type Block, type Section } from './chart.ts'
import { blockOf, unitOf } from './curves.ts'
import { mainMetrics } from './final-metrics.ts'
import { shortNumber } from './print.ts'
import type { NamedRun } from './sources.ts'

const Numbers = Type.Record(Type.String(), Type.Number())
/** As `evaluateRanking` gives them. */
const SlicesSchema = Type.Record(
  Type.String(),
  Type.Array(
    Type.Object({
      name: Type.String(),
      sessions: Type.Integer({ minimum: 1 }),
      metrics: Numbers,
      standardErrors: Numbers,
    }),
  ),
)
type Slices = Static<typeof SlicesSchema>
type Slice = Slices[string][number]

/** Groups that a chart shows; a feature may have thousands of values. */
const MOST_GROUPS = 20
/** With fewer sessions a mean says nearly nothing. */
const FEW = 30
/** Of a normal distribution: 95 % lie within so many deviations. */
const DEVIATIONS = 1.96

/** The figures of groups of sessions: bars of the main metrics, and a table. */
export function slices(runs: readonly NamedRun[]): readonly Section[] {
  const given = runs.filter(({ evaluation }) => evaluation?.slices !== undefined)
  const found = given.flatMap(({ label, evaluation }) =>
    Value.Check(SlicesSchema, evaluation?.slices) ? [{ label, slices: evaluation.slices }] : [],
  )
  const others = given.filter(({ label }) => found.every((each) => each.label !== label))
  const slicings = [...new Set(found.flatMap((each) => Object.keys(each.slices)))]
  const blocks = [
    ...slicings.flatMap((slicing, at) => slicingBlocks(slicing, { at, found })),
    ...others.map(({ label, evaluation }): Block => ({
      ...{ kind: 'json', title: `Slices of ${label}, of another form` },
      value: evaluation?.slices,
    })),
  ]
  return blocks.length === 0 ? [] : [{ id: 'slices', title: 'Slices', blocks }]
}

function slicingBlocks(
  slicing: string,
  options: {
    readonly at: number
    readonly found: readonly { readonly label: string; readonly slices: Slices }[]
  },
): readonly Block[] {
  const all = options.found.flatMap(({ label, slices: own }) =>
    (own[slicing] ?? []).map((slice) => ({ ...slice, label })),
  )
  const names = [...new Set(all.map(({ name }) => name))]
  const size = (name: string): number =>
    Math.max(...all.filter((slice) => slice.name === name).map(({ sessions }) => sessions))
  // The largest, in the order of the slicing.
  const largest = new Set(names.toSorted((one, other) => size(other) - size(one)).slice(0, MOST_GROUPS))
  const shown = all.filter(({ name }) => largest.has(name))
  const metrics = mainMetrics([...new Set(all.flatMap((slice) => Object.keys(slice.metrics)))])
  const left = names.length - largest.size
  const notes = [
    'The number of sessions stands behind each group.',
    ...(all.some(({ sessions }) => sessions < FEW)
      ? [`Groups of fewer than ${FEW} sessions are marked “few”: their figures say little.`]
      : []),
    ...(left > 0 ? [`${left} groups with fewer sessions are in the table alone.`] : []),
  ]
  const series = options.found.map(({ label }) => label)
  return [
    ...metrics.map((metric) =>
      blockOf({
        ...{ kind: 'bars', id: idOf('slices', options.at + 1, metric), notes },
        title: `${metric} by ${slicing}, with intervals of 95 %`,
        ...{ x: { label: slicing, scale: 'names' }, y: { label: unitOf(metric) } },
        series: series.filter((label) => shown.some((slice) => slice.label === label)),
        rows: shown
          .filter((slice) => slice.metrics[metric] !== undefined)
          .map((slice) => ({
            ...{ series: slice.label, x: groupName(slice, all), y: slice.metrics[metric]! },
            ...{ sessions: slice.sessions, ...interval(slice, metric) },
          })),
      }),
    ),
    {
      kind: 'folded',
      title: `All figures by ${slicing}`,
      blocks: [{ kind: 'table', table: slicesTable(slicing, all) }],
    },
  ]
}

/** `4 to 9 (1,234)`; of several runs on other sessions the counts are in the table alone. */
function groupName({ name }: Slice, all: readonly Slice[]): string {
  const counts = [...new Set(all.filter((slice) => slice.name === name).map(({ sessions }) => sessions))]
  const few = counts.some((sessions) => sessions < FEW) ? ', few' : ''
  return `${name} (${counts.map((sessions) => sessions.toLocaleString('en')).join(' and ')}${few})`
}

function interval({ metrics, standardErrors }: Slice, metric: string): { low?: number; high?: number } {
  const [mean, error] = [metrics[metric]!, standardErrors[metric]]
  return error === undefined ? {} : { low: mean - DEVIATIONS * error, high: mean + DEVIATIONS * error }
}

function slicesTable(
  slicing: string,
  all: readonly (Slice & { readonly label: string })[],
): Extract<Block, { kind: 'table' }>['table'] {
  const metrics = [...new Set(all.slice(0, MOST_ROWS).flatMap((slice) => Object.keys(slice.metrics)))]
  const rows = all.slice(0, MOST_ROWS).map((slice) => [
    slice.label,
    slice.name,
    `${slice.sessions.toLocaleString('en')}${slice.sessions < FEW ? ' (few)' : ''}`,
    ...metrics.map((metric) => {
      const [value, error] = [slice.metrics[metric], slice.standardErrors[metric]]
      if (value === undefined) return undefined
      return `${shortNumber(value)}${error === undefined ? '' : ` ± ${shortNumber(error)}`}`
    }),
  ])
  const left = all.length - rows.length
  return {
    ...{ head: ['run', slicing, 'sessions', ...metrics], rows },
    notes: ['± is one standard error.', ...(left > 0 ? [`${left} more rows are in evaluation.json.`] : [])],
  }
}

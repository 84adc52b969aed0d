import { mean } from '../metrics/mean.ts'
import type { RunEvent } from '../runs/index.ts'
import { idOf, MOST_CHARTS, thinned, thinnedNote, type Block, type Section } from './chart.ts'
import { blockOf, unitOf } from './curves.ts'
import { mainMetrics } from './final-metrics.ts'
import type { NamedRun } from './sources.ts'

type Window = Extract<RunEvent, { readonly kind: 'window' }>

/** Metrics of runs over windows of time, window by window, with the average over time. */
export function windows(runs: readonly NamedRun[]): readonly Section[] {
  const found = runs.flatMap(({ label, events }) => {
    const own = events.filter((event): event is Window => event.kind === 'window')
    return own.length === 0 ? [] : [{ label, windows: own }]
  })
  const names = [
    ...new Set(found.flatMap((each) => each.windows.flatMap(({ metrics = {} }) => Object.keys(metrics)))),
  ]
  if (names.length === 0) return []
  const main = mainMetrics(names)
  const averages = found.map(({ label, windows: own }) => ({
    label,
    of: (metric: string) => averageOf(own, metric),
  }))
  const charts = names.map((metric, at): readonly [string, Block] => {
    const drawn = found.map(({ label, windows: own }) => {
      const all = own.flatMap(({ window, metrics, tested }) => {
        const y = metrics?.[metric]
        return y === undefined ? [] : [{ series: label, x: window, y, sessions: tested }]
      })
      const rows = thinned(all)
      return { label, rows, notes: thinnedNote(all.length, rows.length).map((note) => `${label}: ${note}`) }
    })
    return [
      metric,
      blockOf({
        ...{ kind: 'lines', id: idOf('windows', at + 1, metric) },
        title: `${metric} window by window, with its mean over time`,
        notes: drawn.flatMap(({ notes }) => notes),
        ...{ x: { label: 'window that was tested, after training on those before', scale: 'names' } },
        y: { label: unitOf(metric) },
        ...{ series: drawn.map(({ label }) => label), rows: drawn.flatMap(({ rows }) => rows) },
        levels: averages.flatMap(({ label, of }) => {
          const y = of(metric)
          return y === undefined ? [] : [{ series: label, y, label: 'mean' }]
        }),
      }),
    ]
  })
  const others = charts.filter(([metric]) => !main.includes(metric))
  const more = others.slice(0, MOST_CHARTS)
  const left = others.length - more.length
  return [
    {
      ...{ id: 'windows', title: 'Windows of time' },
      blocks: [
        ...charts.filter(([metric]) => main.includes(metric)).map(([, block]) => block),
        {
          kind: 'table',
          table: {
            title: 'Average over time',
            notes: ['The mean over the windows that were tested, each alike.'],
            head: ['metric', ...averages.map(({ label }) => label)],
            rows: names.map((metric) => [metric, ...averages.map(({ of }) => of(metric))]),
          },
        },
        ...(more.length > 0
          ? [
              {
                kind: 'folded' as const,
                title: `More metrics (${more.length})`,
                blocks: more.map(([, block]) => block),
              },
            ]
          : []),
        ...(left > 0
          ? [
              {
                kind: 'note' as const,
                text: `${left} more metrics are not drawn: the table has their means.`,
              },
            ]
          : []),
      ],
    },
  ]
}

function averageOf(own: readonly Window[], metric: string): number | undefined {
  const values = own.flatMap(({ metrics }) => metrics?.[metric] ?? [])
  return values.length === 0 ? undefined : mean(values)
}

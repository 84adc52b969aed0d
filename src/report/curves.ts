import { beyondMetrics } from '../metrics/beyond/index.ts'
import { rankingMetrics } from '../metrics/index.ts'
import type { RunEvent } from '../runs/index.ts'
import { idOf, MOST_CHARTS, thinned, thinnedNote, type Block, type Chart, type Section } from './chart.ts'
import type { NamedRun } from './sources.ts'

type Update = Extract<RunEvent, { readonly kind: 'update' }>
type Evaluated = Extract<RunEvent, { readonly kind: 'evaluation' }>

/** What an update says of itself, a chart each. */
const ofUpdates: readonly {
  readonly value: 'updateLoss' | 'learningRate' | 'gradientNorm'
  readonly title: string
  readonly label: string
}[] = [
  { value: 'updateLoss', title: 'Training loss over updates', label: 'training loss (nats)' },
  { value: 'learningRate', title: 'Learning rate over updates', label: 'learning rate (step size)' },
  {
    value: 'gradientNorm',
    title: 'Gradient norm over updates, before clipping',
    label: 'gradient norm (length)',
  },
]

/** Metrics that are drawn before the others are folded away. */
const SHOWN = 2

/** Losses, learning rates, gradient norms and validation metrics over updates, runs over each other. */
export function curves(runs: readonly NamedRun[]): readonly Section[] {
  const training = ofUpdates.flatMap((each) => updateChart(runs, each))
  const { charts, left } = validationCharts(runs)
  const shown = charts.slice(0, SHOWN).map(blockOf)
  const more = charts.slice(SHOWN).map(blockOf)
  return [
    ...(training.length > 0
      ? [{ id: 'curves', title: 'Training curves', blocks: training.map(blockOf) }]
      : []),
    ...(shown.length > 0
      ? [
          {
            id: 'validation',
            title: 'Validation',
            blocks: [
              ...shown,
              ...(more.length > 0
                ? [{ kind: 'folded' as const, title: `More metrics (${more.length})`, blocks: more }]
                : []),
              ...(left > 0
                ? [
                    {
                      kind: 'note' as const,
                      text: `${left} more metrics are not drawn: the run folder has them.`,
                    },
                  ]
                : []),
            ],
          },
        ]
      : []),
  ]
}

export const blockOf = (chart: Chart): Block => ({ kind: 'chart', chart })

function updateChart(
  runs: readonly NamedRun[],
  { value, title, label }: (typeof ofUpdates)[number],
): readonly Chart[] {
  const all = runs.map((run) => {
    const updates = run.events.filter((event): event is Update => event.kind === 'update')
    const kept = thinned(updates)
    return {
      label: run.label,
      rows: kept.map((event) => ({ series: run.label, x: event.update, y: event[value] })),
      notes: thinnedNote(updates.length, kept.length).map((note) => `${run.label}: ${note}`),
    }
  })
  const drawn = all.filter(({ rows }) => rows.length > 0)
  if (drawn.length === 0) return []
  return [
    {
      ...{ kind: 'lines', id: idOf('update', value), title, notes: drawn.flatMap(({ notes }) => notes) },
      ...{ x: { label: 'updates', scale: 'linear' }, y: { label } },
      series: drawn.map((each) => each.label),
      rows: drawn.flatMap(({ rows }) => rows),
    },
  ]
}

function validationCharts(runs: readonly NamedRun[]): {
  readonly charts: readonly Chart[]
  /** Metrics that are not drawn. */
  readonly left: number
} {
  const all = runs.map((run) => ({
    ...{ run, label: run.label },
    evaluations: run.events.filter((event): event is Evaluated => event.kind === 'evaluation'),
  }))
  const names = new Set(
    all.flatMap(({ evaluations }) => evaluations.flatMap(({ validation }) => Object.keys(validation))),
  )
  const charts = [...names].slice(0, MOST_CHARTS).map((metric, at) => {
    const drawn = all.flatMap(({ run, label, evaluations }) => {
      const best = run.run.result?.best?.update ?? evaluations.findLast(({ isBest }) => isBest)?.update
      const measured = evaluations.flatMap(({ update, validation }) => {
        const y = validation[metric]
        return y === undefined
          ? []
          : [{ series: label, x: update, y, ...(update === best && { mark: 'best' }) }]
      })
      const thin = new Set(thinned(measured))
      // The best one is drawn in any case.
      const rows = measured.filter((row) => 'mark' in row || thin.has(row))
      return rows.length === 0 ? [] : [{ label, rows, notes: thinnedNote(measured.length, rows.length) }]
    })
    return {
      ...{ kind: 'lines' as const, id: idOf('validation', at + 1, metric) },
      title: `Validation ${metric} over updates`,
      notes: [
        'The star is the best evaluation, by the metric that the run goes by: its weights are kept.',
        ...drawn.flatMap(({ label, notes }) => notes.map((note) => `${label}: ${note}`)),
      ],
      ...{ x: { label: 'updates', scale: 'linear' as const }, y: { label: unitOf(metric) } },
      ...{ series: drawn.map(({ label }) => label), rows: drawn.flatMap(({ rows }) => rows) },
    }
  })
  return { charts, left: names.size - charts.length }
}

const units: Readonly<Record<string, string>> = {
  ...Object.fromEntries(rankingMetrics.map((metric) => [metric(1).name.split('@')[0]!, '0 to 1'])),
  ...Object.fromEntries(beyondMetrics.map(({ kind, unit }) => [kind, unit])),
}

/** `ndcg@10 (0 to 1)`; of other metrics the name alone. */
export function unitOf(metric: string): string {
  const unit = metric.includes('@') ? units[metric.split('@')[0]!] : undefined
  return unit === undefined ? metric : `${metric} (${unit})`
}

import { beyond as beyondAccuracy } from '../metrics/index.ts'
import type { Figure } from '../runs/index.ts'
import { idOf, MOST_ROWS, type Block, type Chart, type Section } from './chart.ts'
import { blockOf, unitOf } from './curves.ts'
import { shortNumber } from './print.ts'
import type { NamedRun } from './sources.ts'

type Figures = Readonly<Record<string, Figure>>

/** A run, or what it has to beat. */
interface Measured {
  readonly label: string
  readonly isRun: boolean
  readonly figures: Figures
}

/** Runs, floors and baselines beside each other, at most. */
const MOST_MEASURED = 60
/** Charts that are drawn before the others are folded away. */
const SHOWN = 2
const beyondKinds: readonly string[] = beyondAccuracy.beyondMetrics.map(({ kind }) => kind)

/** The first two metrics at the first cutoff, or the first two where none has one. */
export const mainMetrics = (names: readonly string[]): readonly string[] => {
  const first = names.find((name) => name.includes('@'))
  const main = ['ndcg', 'recall'].map((kind) => `${kind}@${first?.split('@')[1] ?? ''}`)
  const found = main.filter((name) => names.includes(name))
  return found.length > 0 ? found : names.slice(0, SHOWN)
}

/** The figures of the end with their intervals, beside floors and baselines; beyond accuracy in a table of their own. */
export function finalMetrics(runs: readonly NamedRun[]): readonly Section[] {
  const all = runs.flatMap(({ evaluation }) =>
    evaluation ? [evaluation.figures, ...Object.values(evaluation.floors ?? {})] : [],
  )
  if (all.length === 0) return []
  const names = [...new Set(all.flatMap((figures) => Object.keys(figures)))].slice(0, MOST_ROWS)
  const isBeyond = (name: string): boolean => beyondKinds.includes(name.split('@')[0]!)
  const accuracy = names.filter((name) => !isBeyond(name))
  const beyond = names.filter(isBeyond)
  return [
    section('metrics', 'Final metrics', {
      runs,
      names: accuracy,
      notes: runs.flatMap(protocolNote),
    }),
    ...(beyond.length > 0
      ? [
          section('beyond', 'Beyond accuracy', {
            runs,
            names: beyond,
            notes: ['More is not better in all of these: docs/evaluate.md says what each one measures.'],
          }),
        ]
      : []),
  ]
}

function section(
  id: string,
  title: string,
  options: {
    readonly runs: readonly NamedRun[]
    readonly names: readonly string[]
    readonly notes: readonly string[]
  },
): Section {
  const { runs, names, notes } = options
  const all = measuredOf(runs, names)
  const measured = all.slice(0, MOST_MEASURED)
  const left = all.length - measured.length
  const main = mainMetrics(names)
  const first = names.find((name) => name.includes('@'))?.split('@')[1]
  const others = names.filter(
    (name) => !main.includes(name) && (first === undefined || name.endsWith(`@${first}`)),
  )
  const chart = (name: string): Block =>
    blockOf(
      metricChart(`${id}-${names.indexOf(name) + 1}`, name, measuredOf(runs, [name]).slice(0, MOST_MEASURED)),
    )
  return {
    ...{ id, title },
    blocks: [
      ...notes.map((text): Block => ({ kind: 'note', text })),
      ...main.map(chart),
      {
        kind: 'table',
        table: {
          head: ['metric', ...measured.map(({ label }) => label)],
          rows: names.map((name) => [name, ...measured.map(({ figures }) => figureText(figures[name]))]),
          notes: [
            'In brackets the interval of 95 %.',
            ...(left > 0 ? [`${left} more floors or runs are in evaluation.json.`] : []),
          ],
        },
      },
      ...(others.length > 0
        ? [
            {
              kind: 'folded' as const,
              title: `More metrics (${others.length})`,
              blocks: others.map(chart),
            },
          ]
        : []),
    ],
  }
}

const metricChart = (id: string, name: string, measured: readonly Measured[]): Chart => ({
  ...{ kind: 'bars', id: idOf('final', id, name), title: `Final ${name}, with intervals of 95 %` },
  ...{ x: { label: '', scale: 'names' }, y: { label: unitOf(name) } },
  series: ['runs', 'floors and baselines'],
  rows: measured.flatMap(({ label, isRun, figures }) => {
    const figure = figures[name]
    return figure === undefined
      ? []
      : [{ series: isRun ? 'runs' : 'floors and baselines', x: label, y: figure.mean, ...intervalOf(figure) }]
  }),
})

const intervalOf = ({ low, high }: Figure): Pick<Figure, 'low' | 'high'> =>
  low === undefined || high === undefined ? {} : { low, high }

const figureText = (figure: Figure | undefined): string | undefined =>
  figure &&
  `${shortNumber(figure.mean)}${figure.low === undefined || figure.high === undefined ? '' : ` [${shortNumber(figure.low)}, ${shortNumber(figure.high)}]`}`

/** Floors of which several runs have the same figures by these names are there once. */
function measuredOf(runs: readonly NamedRun[], names: readonly string[]): readonly Measured[] {
  const found = runs.flatMap(({ label, evaluation }) =>
    evaluation ? [{ label, isRun: true, figures: evaluation.figures }] : [],
  )
  const floors = runs.flatMap(({ label, evaluation }) =>
    Object.entries(evaluation?.floors ?? {}).map(([name, figures]) => ({ name, label, figures })),
  )
  const same = (one: { readonly figures: Figures }, other: { readonly figures: Figures }): boolean =>
    names.every((name) => one.figures[name]?.mean === other.figures[name]?.mean)
  const distinct = floors.filter(
    (floor, at) => floors.findIndex((other) => other.name === floor.name && same(other, floor)) === at,
  )
  return [
    ...found,
    ...distinct.map(({ name, label, figures }) => ({
      label: distinct.some((other) => other.name === name && other.label !== label)
        ? `${name} (${label})`
        : name,
      ...{ isRun: false, figures },
    })),
  ]
}

function protocolNote({ label, evaluation }: NamedRun): readonly string[] {
  if (evaluation === undefined) return []
  const { sessions, items, filterSeen, unknownTargets = 0, seenTargets = 0, evaluatedAt } = evaluation
  const parts = [
    `${sessions.toLocaleString('en')} sessions`,
    ...(items === undefined ? [] : [`the last event ranked among ${items.toLocaleString('en')} items`]),
    ...(filterSeen === undefined ? [] : [`seen items ${filterSeen ? 'filtered' : 'kept'}`]),
    ...(unknownTargets > 0 ? [`${unknownTargets} unknown targets (misses)`] : []),
    ...(seenTargets > 0 ? [`${seenTargets} targets that the session has had (misses)`] : []),
  ]
  return [`${label}: ${parts.join(', ')}; evaluated ${evaluatedAt}.`]
}

import { EnsuiteError } from '../errors.ts'
import { compareEvaluations } from '../runs/index.ts'
import type { Section } from './chart.ts'
import { mainMetrics } from './final-metrics.ts'
import { shortNumber } from './print.ts'
import type { NamedRun } from './sources.ts'

/** Pairs that are compared at most: each takes seconds where there are 100,000 sessions. */
const MOST_PAIRS = 10

/** Each two runs, session by session, where they were measured on the same sessions. */
export function comparison(runs: readonly NamedRun[]): readonly Section[] {
  const measured = runs.filter(({ evaluation }) => evaluation !== undefined)
  const pairs = measured.flatMap((first, at) => measured.slice(at + 1).map((second) => ({ first, second })))
  if (pairs.length === 0) return []
  const left = pairs.length - MOST_PAIRS
  const compared = pairs.slice(0, MOST_PAIRS).map(pairOf)
  const rows = compared.flatMap((pair) => pair.rows)
  const every = Math.max(...measured.map(({ evaluation }) => evaluation?.ranks?.every ?? 1))
  const notes = [
    'Positive: the first is better. The interval is of 95 %, by the bootstrap over sessions; the p-value that of the paired randomisation test. Both are of these sessions, not of other training seeds, and are not corrected for how many pairs there are.',
    ...(every > 1
      ? [
          `Of many sessions the ranks of each ${every}th are kept: differences, intervals and p-values are of these alone, and the final metrics of all.`,
        ]
      : []),
    ...(left > 0 ? [`${left} more pairs are not compared: give fewer runs.`] : []),
  ]
  return [
    {
      ...{ id: 'comparison', title: 'Comparison, session by session' },
      blocks: [
        ...compared.flatMap(({ refusals }) => refusals.map((text) => ({ kind: 'note' as const, text }))),
        ...(rows.length > 0
          ? [
              {
                kind: 'table' as const,
                table: {
                  head: ['first', 'second', 'metric', 'first − second', 'interval of 95 %', 'p-value'],
                  ...{ rows, notes },
                },
              },
            ]
          : []),
      ],
    },
  ]
}

interface Compared {
  readonly rows: readonly (readonly (string | number)[])[]
  /** Why there are none. */
  readonly refusals: readonly string[]
}

function pairOf({ first, second }: { readonly first: NamedRun; readonly second: NamedRun }): Compared {
  const [one, other] = [first.evaluation!, second.evaluation!]
  const both = Object.keys(one.figures).filter((name) => name in other.figures && name.includes('@'))
  const names = mainMetrics(both)
  if (names.length === 0)
    return { rows: [], refusals: [`${first.label} and ${second.label} have no metric of ranking in common.`] }
  try {
    return {
      rows: names.map((metric) => {
        const { difference, low, high, pValue } = compareEvaluations(one, other, metric)
        return [
          ...[first.label, second.label, metric, difference],
          ...[`${shortNumber(low)} to ${shortNumber(high)}`, pValue],
        ]
      }),
      refusals: [],
    }
  } catch (error) {
    // Other sessions, or no ranks: not a fault of the folders.
    if (!(error instanceof EnsuiteError)) throw error
    const why = error.message.split('. ')[0]!
    return { rows: [], refusals: [`${first.label} and ${second.label} are not compared. ${why}.`] }
  }
}

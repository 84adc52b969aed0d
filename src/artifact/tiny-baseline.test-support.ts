import { baselineOfKind, type BaselineKind } from '../baselines/index.ts'
import { RESERVED } from '../codes.ts'
import type { Sessions } from '../data/sessions.ts'
import { createRandom } from '../random.ts'
import type { BaselineContents } from './save-baseline.ts'
import { tiny } from './tiny-model.test-support.ts'

export interface TinyBaselineOptions {
  readonly kind?: BaselineKind
  readonly options?: Readonly<Record<string, unknown>>
  readonly items?: number
  readonly times?: boolean
  readonly seed?: number
}

/** A baseline over items `i0`, `i1`, … that has learnt from 60 sessions; the last two items are in none, and the last but two has a session of its own. */
export function tinyBaseline(options: TinyBaselineOptions = {}): BaselineContents {
  const { kind = 'vstan', items = 30, times = true, seed = 1 } = options
  const { workflow } = tiny({ items, times })
  const random = createRandom(seed)
  const sessions = Array.from({ length: 60 }, () => {
    const start = random.below(items - 3)
    // Neighbours of the first one, most of the time, so that sessions are alike.
    return Array.from({ length: 2 + random.below(5) }, () => (start + random.below(5)) % (items - 3))
  })
  sessions.push([items - 3])
  return {
    baseline: baselineOfKind(kind, options.options ?? {}),
    sessions: sessionsOfColumns(sessions, { times }),
    workflow,
  }
}

/** Sessions of these columns, an hour apart, an event a minute. */
export function sessionsOfColumns(
  columns: readonly (readonly number[])[],
  { times }: { readonly times: boolean },
): Sessions {
  const lengths = columns.map(({ length }) => length)
  const offsets = Int32Array.from([
    0,
    ...lengths.map((_, at) => lengths.slice(0, at + 1).reduce((a, b) => a + b)),
  ])
  const timesOf = (_: unknown, session: number): readonly number[] =>
    columns[session]!.map((__, at) => 1.6e12 + 3_600_000 * session + 60_000 * at)
  return {
    count: columns.length,
    offsets,
    items: Int32Array.from(columns.flat(), (column) => column + RESERVED),
    categorical: {},
    continuous: {},
    ...(times && { times: Float64Array.from(columns.flatMap(timesOf)) }),
    ids: columns.map((_, session) => `s${session}`),
  }
}

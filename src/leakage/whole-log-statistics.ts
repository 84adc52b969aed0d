import { RESERVED } from '../codes.ts'
import type { Sessions } from '../data/sessions.ts'
import { type LeakCheck, type LeakFinding } from './leakage-input.ts'
import { mayAgree, placesOfKnown, spearman } from './spearman.ts'
import { eachEvent, spansOf, spread, wholeLog, type Span } from './whole-log.ts'

/** Keys that are compared, and how many there must be. */
const MOST = 2000
const LEAST = 10
const SAME = 0.9999

/** Numbers of an item, or of a code, that are its count or its mean over the whole log: they know of the events that are predicted. Those over training alone are none. */
export const wholeLogStatistics: LeakCheck = (input) => {
  const { train } = input
  const names = Object.keys(train.continuous)
  if (names.length === 0 || train.items.length === 0) return []
  let all: readonly Span[] | undefined
  const logs = { training: () => spansOf(train), all: () => (all ??= wholeLog(input)) }
  const keys = ['', ...Object.keys(train.categorical)].map((key) => ({
    key,
    look: firstLook(train, logs.all, key),
  }))
  return names.flatMap((name): readonly LeakFinding[] => {
    for (const { key, look } of keys) {
      const known = constantBy(train, key, name)
      if (known === undefined) continue
      const mayBe = look(known)
      const features = [undefined, ...names].filter((of) => of !== name && mayBe(of))
      const statistic = matching(logs, { key, known, features })
      if (statistic === undefined) continue
      return [
        {
          kind: 'whole-log-statistics',
          severity: 'error',
          count: known.size,
          examples: [name],
          message: `Feature '${name}' is in the order of the ${statistic} by ${key || 'item'} over the whole log, and not over training: it knows of the events that are predicted. Compute it from training alone, as groupStatistic of a workflow does.`,
        },
      ]
    }
    return []
  })
}

const codesOf = (sessions: Sessions, key: string): Int32Array =>
  key === '' ? sessions.items : sessions.categorical[key]!

/** The value of a feature by key, where each key has one; nothing where some has several, or where there are too few keys. */
function constantBy(train: Sessions, key: string, name: string): ReadonlyMap<number, number> | undefined {
  const [codes, values] = [codesOf(train, key), train.continuous[name]!]
  const known = new Map<number, number>()
  for (let event = 0; event < codes.length; event++) {
    const [code, value] = [codes[event]!, values[event]!]
    if (code < RESERVED || Number.isNaN(value)) continue
    const before = known.get(code)
    if (before === undefined) known.set(code, value)
    else if (before !== value) return undefined
  }
  return known.size >= LEAST && new Set(known.values()).size > 1 ? known : undefined
}

/** Says of a feature that is known by a key in the order of which statistics by it it may be: what they are for some codes is computed once for all features. */
function firstLook(
  train: Sessions,
  all: () => readonly Span[],
  key: string,
): (known: ReadonlyMap<number, number>) => (of: string | undefined) => boolean {
  let codes: readonly number[] | undefined
  const places = new Map<string | undefined, Float64Array>()
  return (known) => {
    const some = (codes ??= spread(
      [...new Set(codesOf(train, key))].filter((code) => code >= RESERVED),
      MOST,
    ))
    const own = placesOfKnown(Float64Array.from(some, (code) => known.get(code) ?? NaN))
    return (of) => {
      const other = places.get(of) ?? placesOfKnown(Float64Array.from(some, byKey(all(), key, of)))
      places.set(of, other)
      return mayAgree(own, other, LEAST)
    }
  }
}

/** What the feature is in the order of, of the counts and the means of these features: over all events, and not over those of training. */
function matching(
  logs: { readonly training: () => readonly Span[]; readonly all: () => readonly Span[] },
  {
    key,
    known,
    features,
  }: {
    readonly key: string
    readonly known: ReadonlyMap<number, number>
    readonly features: readonly (string | undefined)[]
  },
): string | undefined {
  const codes = spread([...known.keys()], MOST)
  const values = codes.map((code) => known.get(code)!)
  const near = (spans: readonly Span[], of: string | undefined): number => {
    const found = byKey(spans, key, of)
    return Math.abs(
      spearman(
        values,
        codes.map((code) => found(code)),
      ),
    )
  }
  for (const of of features) {
    const whole = near(logs.all(), of)
    if (whole < SAME) continue
    const training = near(logs.training(), of)
    if (training < whole - 1e-9 && training < SAME) return of === undefined ? 'counts' : `means of '${of}'`
  }
  return undefined
}

/** The count of each key, or the mean of a feature by it. */
function byKey(spans: readonly Span[], key: string, of: string | undefined): (code: number) => number {
  const [counts, sums] = [new Map<number, number>(), new Map<number, number>()]
  eachEvent(spans, (event, sessions) => {
    const code = codesOf(sessions, key)[event]!
    const value = of === undefined ? 1 : sessions.continuous[of]![event]!
    if (Number.isNaN(value)) return
    counts.set(code, (counts.get(code) ?? 0) + 1)
    sums.set(code, (sums.get(code) ?? 0) + value)
  })
  return of === undefined ? (code) => counts.get(code) ?? 0 : (code) => sums.get(code)! / counts.get(code)!
}

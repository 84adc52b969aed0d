import { RESERVED, UNKNOWN } from '../../codes.ts'
import { checkNumber } from '../../options.ts'
import { compareCodePoints } from '../code-points.ts'
import { hashBucket, keyText } from '../key.ts'
import type { EventOperator, State } from '../operator.ts'

export type VocabularyOptions = {
  /** Values with fewer events become unknown; default 1. */
  readonly minCount?: number
  /** How many codes there are at most, reserved ones and buckets included; default: as many as values. */
  readonly maxSize?: number
  /** Codes that unknown values are spread over by their hash; default 0: all of them are `UNKNOWN`. */
  readonly buckets?: number
}

/** Throws `OPTION_INVALID`. */
export function checkVocabulary(name: string, options: VocabularyOptions): void {
  const { minCount = 1, maxSize, buckets = 0 } = options
  checkNumber(`${name}: minCount`, minCount, { integer: true, min: 1 })
  checkNumber(`${name}: buckets`, buckets, { integer: true, min: 0, max: 2 ** 30 })
  if (maxSize !== undefined)
    checkNumber(`${name}: maxSize`, maxSize, { integer: true, min: RESERVED + buckets + 1 })
}

/** The code of a key, by a state of `vocabulary`. */
export const vocabularyCode: Required<Pick<EventOperator<VocabularyOptions>, 'codes' | 'sql' | 'evaluate'>> =
  {
    codes: ({ buckets = 0 }, { keys }) => RESERVED + buckets + keys.length,
    sql: (keys, { dialect, options: { buckets = 0 }, state }) => {
      if (buckets === 0) return `coalesce(${state('code')}, ${UNKNOWN})`
      return `coalesce(${state('code')}, ${dialect.bucket(keyText(keys), buckets)} + ${RESERVED}, ${UNKNOWN})`
    },
    evaluate: (keys, { options: { buckets = 0 }, state }) => {
      const code = state('code')
      if (code !== null) return code
      if (buckets === 0 || keys.includes(null)) return UNKNOWN
      return RESERVED + hashBucket(keys as readonly string[], buckets)
    },
  }

/** Whether the codes of a state are those that `vocabulary` gives. */
export const areCodes = ({ columns: { code } }: State, { buckets = 0 }: VocabularyOptions): boolean =>
  code!.every((each, index) => each === index + RESERVED + buckets)

/** Codes for counted keys, those of a previous state first. */
export function vocabulary(
  aggregated: State,
  options: VocabularyOptions,
  previous: State | undefined,
): State {
  const { minCount = 1, maxSize = Infinity, buckets = 0 } = options
  const text = (key: readonly string[]): string => JSON.stringify(key)
  const known = new Map(previous?.keys.map((key, index) => [text(key), index]))
  const counts = aggregated.columns['count'] as readonly number[]
  const old = [...((previous?.columns['count'] ?? []) as readonly number[])]
  const fresh: number[] = []
  for (let at = 0; at < counts.length; at++) {
    const place = known.size === 0 ? undefined : known.get(text(aggregated.keys[at]!))
    if (place !== undefined) old[place]! += counts[at]!
    else if (counts[at]! >= minCount) fresh.push(at)
  }
  const room = maxSize - RESERVED - buckets - old.length
  const kept = byCount(inOrder(fresh, aggregated.keys), counts).slice(0, Math.max(0, room))
  const keys = [...(previous?.keys ?? []), ...kept.map((at) => aggregated.keys[at]!)]
  return {
    keys,
    columns: {
      code: keys.map((_, index) => index + RESERVED + buckets),
      count: [...old, ...kept.map((at) => counts[at]!)],
    },
    totals: {},
  }
}

/** Places of keys in the order of their keys, in which they come from the engine. */
function inOrder(places: number[], keys: State['keys']): number[] {
  const isSorted = places.every(
    (place, at) => at === 0 || compareKeys(keys[places[at - 1]!]!, keys[place]!) <= 0,
  )
  return isSorted ? places : places.sort((left, right) => compareKeys(keys[left]!, keys[right]!))
}

/** Those of falling count, of one count as they were. Counts are mostly small: few are different, which takes a fifth of the time of sorting. */
function byCount(places: readonly number[], counts: readonly number[]): number[] {
  const groups = new Map<number, number[]>()
  for (const place of places) {
    const group = groups.get(counts[place]!)
    if (group === undefined) groups.set(counts[place]!, [place])
    else group.push(place)
  }
  return [...groups.keys()].sort((left, right) => right - left).flatMap((count) => groups.get(count)!)
}

function compareKeys(left: readonly string[], right: readonly string[]): number {
  for (let index = 0; index < left.length; index++) {
    const order = compareCodePoints(left[index]!, right[index]!)
    if (order !== 0) return order
  }
  return 0
}

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
  const old = [...((previous?.columns['count'] ?? []) as readonly number[])]
  const fresh: { readonly key: readonly string[]; readonly count: number }[] = []
  for (const [index, key] of aggregated.keys.entries()) {
    const count = aggregated.columns['count']![index] as number
    const place = known.size === 0 ? undefined : known.get(text(key))
    if (place !== undefined) old[place]! += count
    else if (count >= minCount) fresh.push({ key, count })
  }
  // Keys come in their order from the engine; sorting by count alone keeps it.
  if (fresh.some(({ key }, at) => at > 0 && compareKeys(fresh[at - 1]!.key, key) > 0))
    fresh.sort((left, right) => compareKeys(left.key, right.key))
  fresh.sort((left, right) => right.count - left.count)
  const room = maxSize - RESERVED - buckets - old.length
  const kept = fresh.slice(0, Math.max(0, room))
  const keys = [...(previous?.keys ?? []), ...kept.map((each) => each.key)]
  return {
    keys,
    columns: {
      code: keys.map((_, index) => index + RESERVED + buckets),
      count: [...old, ...kept.map((each) => each.count)],
    },
    totals: {},
  }
}

function compareKeys(left: readonly string[], right: readonly string[]): number {
  for (let index = 0; index < left.length; index++) {
    const order = compareCodePoints(left[index]!, right[index]!)
    if (order !== 0) return order
  }
  return 0
}

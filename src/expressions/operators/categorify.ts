import { RESERVED, UNKNOWN } from '../../codes.ts'
import { checkNumber, checkOptions } from '../../options.ts'
import { compareCodePoints } from '../code-points.ts'
import { expectKeys, expectOption, isText } from '../infer.ts'
import { hashBucket, keyText } from '../key.ts'
import { operator, type Operator, type State } from '../operator.ts'

type CategorifyOptions = {
  /** Values with fewer events become unknown; default 1. */
  readonly minCount?: number
  /** How many codes there are at most, reserved ones and buckets included; default: as many as values. */
  readonly maxSize?: number
  /** Codes that unknown values are spread over by their hash; default 0: all of them are `UNKNOWN`. */
  readonly buckets?: number
  /** The values in the order of their codes, given and not learnt. */
  readonly values?: readonly string[]
}

/**
 * A code for a text, or for several together (NVTabular's Categorify): 0 is padding's and never made, 1 a missing value, and an unknown one unless there are buckets;
 * then the buckets, then the known values by falling count, equal counts by value.
 * Differs: missing and unknown share a code where there are no buckets, as everywhere here; equal counts have an order.
 */
export const categorify: Operator = operator<CategorifyOptions>({
  name: 'categorify',
  whole: true,
  scope: 'event',
  infer: (inputs, options) => {
    checkOptions('categorify', options, ['minCount', 'maxSize', 'buckets', 'values'])
    const { minCount = 1, maxSize, buckets = 0, values } = options
    expectKeys('categorify', inputs)
    checkNumber('categorify: minCount', minCount, { integer: true, min: 1 })
    checkNumber('categorify: buckets', buckets, { integer: true, min: 0, max: 2 ** 30 })
    if (maxSize !== undefined)
      checkNumber('categorify: maxSize', maxSize, { integer: true, min: RESERVED + buckets + 1 })
    if (values !== undefined) {
      const good =
        inputs.length === 1 &&
        Array.isArray(values) &&
        values.every((value: unknown) => isText(value) && value !== '') &&
        new Set(values).size === values.length
      expectOption('categorify', good, 'values are distinct texts for a single input', values)
      expectOption(
        'categorify',
        minCount === 1 && maxSize === undefined,
        'given values leave nothing to minCount and maxSize',
        options,
      )
    }
    return 'number'
  },
  fit: {
    keys: (inputs) => inputs,
    columns: () => ({ count: 'count(*)' }),
    totals: () => ({}),
    state: (aggregated, options, previous) => vocabulary(aggregated, options, previous),
    check: ({ keys, columns: { code } }, { buckets = 0, values = keys.map(([text]) => text!) }) =>
      code!.every((each, index) => each === index + RESERVED + buckets) &&
      keys.length === values.length &&
      values.every((value, index) => keys[index]![0] === value),
    given: ({ values, buckets = 0 }) =>
      values === undefined
        ? undefined
        : {
            keys: values.map((value) => [value]),
            columns: { code: values.map((_, at) => at + RESERVED + buckets), count: values.map(() => 0) },
            totals: {},
          },
  },
  sql: (inputs, { dialect, options: { buckets = 0 }, state }) => {
    if (buckets === 0) return `coalesce(${state('code')}, ${UNKNOWN})`
    return `coalesce(${state('code')}, ${dialect.bucket(keyText(inputs), buckets)} + ${RESERVED}, ${UNKNOWN})`
  },
  evaluate: (inputs, { options: { buckets = 0 }, state }) => {
    const code = state('code')
    if (code !== null) return code
    if (buckets === 0 || inputs.includes(null)) return UNKNOWN
    return RESERVED + hashBucket(inputs as readonly string[], buckets)
  },
})

function vocabulary(aggregated: State, options: CategorifyOptions, previous: State | undefined): State {
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

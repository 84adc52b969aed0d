import { checkOptions } from '../../options.ts'
import { expectKeys, expectOption, isText } from '../infer.ts'
import { operator, type Operator } from '../operator.ts'
import type { ValueType } from '../value.ts'

/** More belongs into a file of events' own columns: the table is part of the workflow's JSON. */
export const MOST_ROWS = 2_000_000

/**
 * A column of a table that is given, by key (NVTabular's JoinExternal, left): null for a key that is not in it.
 * The first of several rows of one key counts.
 */
export const lookup: Operator = operator<{
  readonly keys: readonly (readonly string[])[]
  readonly values: readonly (number | string | boolean)[]
}>({
  name: 'lookup',
  varies: () => true,
  scope: 'event',
  infer: (inputs, options) => {
    checkOptions('lookup', options, ['keys', 'values'])
    expectKeys('lookup', inputs)
    const { keys, values } = options
    const lists = Array.isArray(keys) && Array.isArray(values) && values.length > 0
    expectOption('lookup', lists && keys.length === values.length, 'as many keys as values are expected', {
      keys: lists ? keys.length : keys,
      values: lists ? values.length : values,
    })
    expectOption('lookup', keys.length <= MOST_ROWS, `at most ${MOST_ROWS} rows are expected`, keys.length)
    const wrong = (keys as readonly unknown[]).find(
      (key) => !Array.isArray(key) || key.length !== inputs.length || key.some((part) => !isText(part)),
    )
    expectOption('lookup', wrong === undefined, `each key is a list of ${inputs.length} texts`, wrong)
    const kind = typeof values[0]
    const strange = (values as readonly unknown[]).find(
      (value) =>
        typeof value !== kind ||
        !['number', 'string', 'boolean'].includes(kind) ||
        (kind === 'number' && !Number.isFinite(value)) ||
        (kind === 'string' && !isText(value)),
    )
    expectOption(
      'lookup',
      strange === undefined,
      'all values are finite numbers, or all texts, or all truth values',
      strange,
    )
    return typeOf(kind)
  },
  fit: {
    keys: (inputs) => inputs,
    columns: () => ({}),
    totals: () => ({}),
    state: (aggregated) => aggregated,
    given: ({ keys, values }) => {
      const first = new Map<string, number>()
      for (const [index, key] of keys.entries()) {
        const text = JSON.stringify(key)
        if (!first.has(text)) first.set(text, index)
      }
      const places = [...first.values()]
      return {
        keys: places.map((place) => keys[place]!),
        columns: { value: places.map((place) => unsigned(values[place]!)) },
        totals: {},
      }
    },
  },
  sql: (_, { state }) => state('value'),
  evaluate: (_, { state }) => state('value'),
})

/** 0 in place of −0, which SQL does not tell apart. */
const unsigned = <Own extends number | string | boolean>(value: Own): Own =>
  value === 0 ? (0 as Own) : value

const typeOf = (kind: string): ValueType =>
  kind === 'string' ? 'text' : kind === 'number' ? 'number' : 'boolean'

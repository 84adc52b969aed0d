import { checkNumber, checkOptions } from '../../options.ts'
import { expectInputs, fixed } from '../infer.ts'
import { operator, type Operator, type SessionWindow } from '../operator.ts'
import type { Value } from '../value.ts'

export const over = ({ partition, order }: SessionWindow, extra = ''): string =>
  `OVER (PARTITION BY ${partition}${extra} ORDER BY ${order})`

/** What an event knows from the events of its session up to and with itself. Nothing looks ahead. */
export const session: readonly Operator[] = [
  /** The value `shift` events before, null for the first ones. Differs from NVTabular's lag: no look ahead, which serving cannot have. */
  operator<{ readonly shift?: number }>({
    name: 'lag',
    scope: 'session',
    infer: (inputs, options) => {
      checkOptions('lag', options, ['shift'])
      const { shift = 1 } = options
      checkNumber('lag: shift', shift, { integer: true, min: 1, max: 1_000_000 })
      expectInputs('lag', inputs, ['any'])
      return inputs[0]!
    },
    sql: ([x], { shift = 1 }, window) => `lag(${x!}, ${shift}) ${over(window)}`,
    evaluate: ([x], { shift = 1 }) => x!.map((_, at) => (at < shift ? null : x![at - shift]!)),
  }),
  /** The place in the session, from 0. */
  operator({
    name: 'position',
    whole: true,
    scope: 'session',
    infer: fixed('position', [], 'number'),
    sql: (_inputs, _options, window) => `CAST(row_number() ${over(window)} - 1 AS DOUBLE)`,
    evaluate: (_inputs, _options, events) => Array.from({ length: events }, (_, at) => at),
  }),
  /** Whether the value was in the session before; false where it is missing. */
  operator({
    name: 'seenBefore',
    scope: 'session',
    infer: fixed('seenBefore', ['any'], 'boolean'),
    sql: ([x], _options, window) => `(${x!} IS NOT NULL AND row_number() ${over(window, `, ${x!}`)} > 1)`,
    evaluate: ([x]) => {
      const seen = new Set<Value>()
      return x!.map((value) => {
        if (value === null) return false
        const before = seen.has(value)
        seen.add(value)
        return before
      })
    },
  }),
  /** The value of the session's first event, null where that is missing. */
  operator({
    name: 'first',
    scope: 'session',
    infer: (inputs, options) => {
      checkOptions('first', options, [])
      expectInputs('first', inputs, ['any'])
      return inputs[0]!
    },
    sql: ([x], _options, window) => `first_value(${x!}) ${over(window)}`,
    evaluate: ([x]) => x!.map(() => x![0]!),
  }),
]

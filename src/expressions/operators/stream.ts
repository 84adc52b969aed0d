import { checkNumber, checkOptions } from '../../options.ts'
import { expectInputs, expectKeys } from '../infer.ts'
import { keyOf } from '../key.ts'
import { operator, type Operator } from '../operator.ts'
import type { Value } from '../value.ts'

const key = (inputs: readonly Value[]): { readonly time: number; readonly key: string } | null =>
  inputs.includes(null)
    ? null
    : { time: inputs[0] as number, key: keyOf(inputs.slice(1) as readonly string[]) }

/**
 * How many events of the same key there were in the `windowMs` milliseconds before this one, over all sessions: an item's clicks in the last day, a person's in the last week.
 * Inputs: the time, then the texts of the key. Events of the very same time do not count, so that no event knows of itself and their order does not matter.
 */
export const recentCount: Operator = operator<{ readonly windowMs: number }>({
  name: 'recentCount',
  varies: () => true,
  whole: true,
  scope: 'stream',
  infer: (inputs, options) => {
    checkOptions('recentCount', options, ['windowMs'])
    checkNumber('recentCount: windowMs', options.windowMs, { above: 0, max: 100 * 365 * 86_400_000 })
    expectInputs('recentCount', inputs.slice(0, 1), ['number'])
    expectKeys('recentCount', inputs.slice(1))
    return 'number'
  },
  sql: ([time, ...keys], { windowMs }) => {
    const same = `PARTITION BY ${keys.join(', ')} ORDER BY ${time!} RANGE BETWEEN`
    const missing = [time!, ...keys].map((each) => `${each} IS NULL`).join(' OR ')
    return (
      `CASE WHEN ${missing} THEN NULL ELSE CAST(count(*) OVER (${same} CAST('${windowMs}' AS DOUBLE) PRECEDING AND CURRENT ROW) ` +
      `- count(*) OVER (${same} CURRENT ROW AND CURRENT ROW) AS DOUBLE) END`
    )
  },
  evaluate: (inputs, { windowMs }, past) => {
    const event = key(inputs)
    return event === null ? null : past.count(event.key, event.time - windowMs, event.time)
  },
  event: key,
})

import { ownValue } from '../own-value.ts'
import type { Expression } from '../expressions/index.ts'
import type { LeakageInput, LeakCheck } from './leakage-input.ts'

/** Of training events, the share whose value is also one of the events that are predicted: from here on they were encoded alike. */
const ALIKE = 0.5

/**
 * Target encodings of training that were not made out of fold: an event's own target is then in its feature. Out of fold, a value of training is that of the other folds, and is
 * not among those that are served.
 */
export const targetEncoding: LeakCheck = (input) => {
  const { train, validation, test } = input
  return encoded(input).flatMap((name) => {
    const own = ownValue(train.continuous, name)
    if (own === undefined) return []
    const served = new Set<number>()
    for (const part of [validation, test]) for (const value of part.continuous[name] ?? []) served.add(value)
    const known = own.filter((value) => !Number.isNaN(value))
    const alike = known.filter((value) => served.has(value)).length
    // One value for all is what is encoded where nothing is known.
    if (served.size < 3 || known.length === 0 || alike < ALIKE * known.length) return []
    return [
      {
        kind: 'target-encoding',
        severity: 'error' as const,
        count: alike,
        examples: [name],
        message: `Feature '${name}' encodes the target of training events with their own target among it: ${alike} of ${known.length} have a value that is served as well. Encode training out of fold: fitSplit does, or transform(source, { training: true }).`,
      },
    ]
  })
}

/** The features that say so, or whose expression holds a target encoding. */
function encoded({ targetEncoded, fitted }: LeakageInput): readonly string[] {
  if (targetEncoded !== undefined) return targetEncoded
  const holds = ({ op, inputs }: Expression): boolean => op === 'targetEncode' || inputs.some(holds)
  return Object.entries(fitted?.definition.features ?? {})
    .filter(([, expression]) => holds(expression))
    .map(([name]) => name)
}

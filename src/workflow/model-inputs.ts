import { operatorOf, planOf, type Expression, type State, type Value } from '../expressions/index.ts'
import type { Definition } from './definition.ts'
import type { EncodedSession } from './encode-session.ts'
import type { States } from './fit-plan.ts'
import { featureType } from './feature-types.ts'

/** What a model reads of a workflow: its codes and its numbers. Texts and times stay in the files, for other readers. */
export interface ModelInputs {
  /** Codes of the item, reserved ones included; 0 where the workflow names no item. */
  readonly items: number
  /** Codes of each other categorical feature, reserved ones included, in the order of the workflow. */
  readonly categorical: Readonly<Record<string, number>>
  /** Features that are numbers or truth values, in the order of the workflow. */
  readonly continuous: readonly string[]
}

/** Whether a feature is a code, a number, or nothing that a model reads. */
export function inputKind(expression: Expression): 'categorical' | 'continuous' | undefined {
  const operator = operatorOf(expression.op)
  if (operator.scope === 'event' && operator.codes !== undefined) return 'categorical'
  const type = featureType(expression)
  return type === 'text' || type === 'float64' ? undefined : 'continuous'
}

const NOTHING: State = { keys: [], columns: {}, totals: {} }

/** The state of each feature that is learnt, by name; of all others an empty one. `states`: of the features' plan. */
export function featureStates({ features }: Definition, states: States): Readonly<Record<string, State>> {
  const { roots } = planOf(Object.values(features))
  return Object.fromEntries(
    Object.keys(features).map((name, at) => [name, states.get(roots[at]!) ?? NOTHING]),
  )
}

export function modelInputs(definition: Definition, states: States): ModelInputs {
  const learnt = featureStates(definition, states)
  const sizes = Object.entries(definition.features).flatMap(([name, { op, options }]) => {
    const operator = operatorOf(op)
    if (operator.scope !== 'event' || operator.codes === undefined) return []
    return [[name, operator.codes(options, learnt[name]!)] as const]
  })
  return {
    items: sizes.find(([name]) => name === definition.item)?.[1] ?? 0,
    categorical: Object.fromEntries(sizes.filter(([name]) => name !== definition.item)),
    continuous: Object.keys(definition.features).filter(
      (name) => inputKind(definition.features[name]!) === 'continuous',
    ),
  }
}

/** The inputs of one live session: [events] each, as `transform` gives them for the same events in a file. */
export interface EncodedInputs {
  readonly items: Int32Array
  readonly categorical: Readonly<Record<string, Int32Array>>
  readonly continuous: Readonly<Record<string, Float32Array>>
  /** In milliseconds; none where the events tell no times. */
  readonly times?: Float64Array
}

export function encodedInputs({ item, features }: Definition, encoded: EncodedSession): EncodedInputs {
  const ofKind = (kind: 'categorical' | 'continuous'): readonly string[] =>
    Object.keys(features).filter((name) => name !== item && inputKind(features[name]!) === kind)
  const codes = (name: string): Int32Array => Int32Array.from(encoded.features[name]!, Number)
  return {
    items: item === undefined ? new Int32Array(0) : codes(item),
    categorical: Object.fromEntries(ofKind('categorical').map((name) => [name, codes(name)])),
    continuous: Object.fromEntries(
      ofKind('continuous').map((name) => [name, Float32Array.from(encoded.features[name]!, asNumber)]),
    ),
    ...(encoded.times && { times: Float64Array.from(encoded.times) }),
  }
}

/** NaN in place of what is missing, as what 32 bits do not hold is; 1 for true. */
function asNumber(value: Value): number {
  const number = Math.fround(Number(value ?? NaN))
  return Number.isFinite(number) ? number : NaN
}

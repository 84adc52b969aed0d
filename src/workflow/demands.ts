import { expressions, toJson, type Expression, type Plan } from '../expressions/index.ts'
import type { Definition, StepOptions } from './definition.ts'

const same = (left: Expression, right: Expression): boolean =>
  JSON.stringify(toJson(left)) === JSON.stringify(toJson(right))

/** What all must be true for a truth value to be. */
const conditions = (keep: Expression): readonly Expression[] =>
  keep.op === 'and' ? keep.inputs.flatMap(conditions) : [keep]

/** The places of the conditions of `place` in a plan, all of which must be true, but for those that a column be present that is one of `given`. */
export function conditionPlaces(plan: Plan, place: number, given: readonly Expression[]): readonly number[] {
  const { expression, inputs } = plan.nodes[place]!
  if (expression.op === 'and') return inputs.flatMap((input) => conditionPlaces(plan, input, given))
  return given.some((column) => same(expression, expressions.present(column))) ? [] : [place]
}

/** Whether a step drops the events that have no value here, among others or not. */
const demands = (step: StepOptions, column: Expression): boolean =>
  'keep' in step && conditions(step.keep).some((each) => same(each, expressions.present(column)))

/**
 * Which of an event's session, item and time may be missing, since a step drops such events. A time that is missing is known to the first step alone:
 * behind it, times are what everything goes by. A live session is one, whether its events name it or not.
 */
export function mayMiss(
  { session, time, steps }: Pick<Definition, 'session' | 'time' | 'steps'>,
  item: Expression | undefined,
): { readonly session: boolean; readonly item: boolean; readonly time: boolean } {
  const dropped = (column: Expression): boolean => steps.some((step) => demands(step, column))
  const [first] = steps
  return {
    session: dropped(session),
    item: item !== undefined && dropped(item),
    time: time !== undefined && first !== undefined && demands(first, time),
  }
}

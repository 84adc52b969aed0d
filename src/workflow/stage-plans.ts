import type { TypedColumn } from '../events/typed-events.ts'
import { columnsOf, planOf, type Expression, type Plan } from '../expressions/index.ts'
import type { Definition } from './definition.ts'

/** The columns that a definition reads, each once; the session is first, the time second where there is one. */
export function definitionColumns({ session, time, steps, features }: Definition): readonly TypedColumn[] {
  const trees = [
    session,
    ...(time === undefined ? [] : [time]),
    ...steps.flatMap((step) => ('keep' in step ? [step.keep] : [])),
    ...Object.values(features),
  ]
  return columnsOf(planOf(trees)).map(({ name, type }, at) => ({
    name,
    type: type as TypedColumn['type'],
    required: at === 0 || (at === 1 && time !== undefined),
  }))
}

/** The plans of a definition, a stage each: those of the steps that keep events, then that of the features. */
export function stagePlans({ steps, features }: Definition): readonly Plan[] {
  const keeps = steps.flatMap((step) => ('keep' in step ? [planOf([step.keep])] : []))
  return [...keeps, planOf(Object.values<Expression>(features))]
}

import { planOf, type Expression, type Plan } from '../expressions/index.ts'
import type { Definition } from './definition.ts'

/** The plans of a definition, a stage each: those of the steps that keep events, then that of the features and, behind them, the context. */
export function stagePlans({ steps, features, context }: Definition): readonly Plan[] {
  const keeps = steps.flatMap((step) => ('keep' in step ? [planOf([step.keep])] : []))
  return [...keeps, planOf([...Object.values<Expression>(features), ...Object.values<Expression>(context)])]
}

export * as expressions from './build.ts'
export { checkVaries } from './check-constants.ts'
export { compareCodePoints } from './code-points.ts'
export { compileSql, type CompiledSql, type SqlOptions } from './compile-sql.ts'
export { numberPattern, type Dialect } from './dialect.ts'
export { duckdb } from './duckdb.ts'
export { evaluate, indexState, type StateIndex } from './evaluate.ts'
export {
  checkSize,
  fromJson,
  node,
  operatorOf,
  toExpression,
  toJson,
  type Expression,
  type ExpressionJson,
  type Operand,
} from './expression.ts'
export type { AggregateContext, Fit, Json, Operator, Options, Past, State } from './operator.ts'
export { operators } from './operators/index.ts'
export { calledFunctions, engineFunctions, type EngineFunction, type Functions } from './functions.ts'
export { isText, shown } from './infer.ts'
export { overflow } from './operators/merged-state.ts'
export { MOST_ROWS } from './operators/lookup.ts'
export { numberOf } from './operators/text.ts'
export { createPast, type GrowingPast } from './past.ts'
export { columnsOf, planOf, reached, type Plan, type PlannedNode } from './plan.ts'
export { timeOf, timePattern } from './time-text.ts'
export type { Value, ValueType } from './value.ts'

import type { TypedColumn } from '../events/typed-events.ts'
import { columnsOf, expressions, planOf } from '../expressions/index.ts'
import { type Definition } from './definition.ts'
import { itemColumn } from './item-feature.ts'
import { mayMiss } from './demands.ts'

/** The columns that a definition reads, each once; the session is first, the time second where there is one. */
export function definitionColumns(definition: Definition): readonly TypedColumn[] {
  const { session, item, time, steps, features, context } = definition
  const sku = item === undefined ? undefined : itemColumn(features[item]!)
  const may = mayMiss(definition, sku === undefined ? undefined : expressions.column(sku, 'text'))
  const trees = [
    session,
    ...(time === undefined ? [] : [time]),
    ...steps.flatMap((step) => ('keep' in step ? [step.keep] : [])),
    ...Object.values(features),
    ...Object.values(context),
  ]
  return columnsOf(planOf(trees)).map(({ name, type }, at) => ({
    name,
    type: type as TypedColumn['type'],
    required:
      (at === 0 && !may.session) ||
      (at === 1 && time !== undefined && !may.time) ||
      (name === sku && type === 'text' && !may.item),
  }))
}

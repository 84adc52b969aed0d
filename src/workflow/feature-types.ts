import { operatorOf, type Expression } from '../expressions/index.ts'
import type { Definition } from './definition.ts'

/** What a feature is kept as. Numbers that are computed are floats of 32 bits, codes whole numbers, times doubles. */
export type FeatureType = 'int32' | 'float32' | 'float64' | 'text' | 'boolean'

export function featureType({ op, type, options }: Expression): FeatureType {
  if (type !== 'number') return type
  if (op === 'column' && (options['type'] === 'time' || options['type'] === 'seconds')) return 'float64'
  return operatorOf(op).whole === true ? 'int32' : 'float32'
}

/** Of the features, then of the context. */
export const featureTypes = ({ features, context }: Definition): Readonly<Record<string, FeatureType>> =>
  Object.fromEntries(
    [...Object.entries(features), ...Object.entries(context)].map(([name, each]) => [
      name,
      featureType(each),
    ]),
  )

import { EnsuiteError } from '../errors.ts'
import { checkOptions } from '../options.ts'
import type { FeatureType } from './feature-types.ts'

/** Throws `OPTION_UNKNOWN` or `OPTION_INVALID` unless these are features whose lists can be read. */
export function checkFeatures(
  features: readonly string[],
  types: Readonly<Record<string, FeatureType>>,
): void {
  checkOptions('features', Object.fromEntries(features.map((name) => [name, true])), Object.keys(types))
  const other = features.find((name) => types[name] === 'text')
  if (features.length > 0 && other === undefined) return
  throw new EnsuiteError(
    'OPTION_INVALID',
    other === undefined
      ? `One feature or more is expected, received none. There are ${Object.keys(types).join(', ')}.`
      : `Feature '${other}' holds text; codes and numbers can be read. Categorify it in the workflow.`,
  )
}

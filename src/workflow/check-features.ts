import { EnsuiteError } from '../errors.ts'
import { shown } from '../expressions/index.ts'
import { checkOptions } from '../options.ts'
import type { FeatureType } from './feature-types.ts'

/** Throws `OPTION_UNKNOWN` or `OPTION_INVALID` unless these are features whose lists can be read. */
export function checkFeatures(
  features: readonly string[],
  types: Readonly<Record<string, FeatureType>>,
): void {
  checkNames('features', features, Object.keys(types))
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

/** Throws `OPTION_INVALID` unless this is a list of texts. */
export function checkNames(where: string, names: unknown, known: readonly string[]): void {
  const strange = Array.isArray(names)
    ? (names as readonly unknown[]).findIndex((name) => typeof name !== 'string')
    : undefined
  if (strange === -1) return
  const received =
    strange === undefined ? shown(names) : `${shown((names as readonly unknown[])[strange])} among them`
  throw new EnsuiteError(
    'OPTION_INVALID',
    `${where} expects a list of names, such as ['${known[0] ?? 'item'}'], received ${received}.`,
  )
}

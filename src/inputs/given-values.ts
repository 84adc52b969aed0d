import { PADDING } from '../codes.ts'
import { EnsuiteError } from '../errors.ts'
import { ownValue } from '../own-value.ts'
import type { FeatureSchema } from './feature-schema.ts'
import type { Inputs } from './input-options.ts'
import { contentParameter } from './content.ts'
import { pretrainedParameter } from './pretrained.ts'

/**
 * The starting values of the tables of `inputs.pretrained`, by parameter name: each vector at length 1 where that is asked for.
 * None for a model that was trained. Throws `OPTION_INVALID` for a table without vectors and vectors without a table, `SHAPE_MISMATCH` for another size.
 */
export function givenValues(
  schema: FeatureSchema,
  inputs: Inputs,
  given: Readonly<Record<string, Float32Array>> | 'in-weights' = {},
): Readonly<Record<string, Float32Array>> {
  if (given === 'in-weights') return {}
  const tables = inputs.pretrained
  const odd =
    Object.keys(given).find((name) => !Object.hasOwn(tables, name)) ??
    Object.keys(tables).find((name) => !Object.hasOwn(given, name))
  if (odd !== undefined)
    throw new EnsuiteError(
      'OPTION_INVALID',
      Object.hasOwn(given, odd)
        ? `model: pretrained has '${odd}', which inputs.pretrained does not. Name each table in both.`
        : `model: inputs.pretrained has '${odd}', and its vectors are not given. Give them beside inputs: pretrained: { ${odd}: pretrainedTable(vocabulary, vectors).values }.`,
    )
  return Object.fromEntries(
    Object.entries(tables).map(([name, { of, width, normalise = true }]) => {
      const rows = of === undefined ? schema.items : schema.categorical[of]!
      const values = given[name]!
      if (!(values instanceof Float32Array))
        throw new EnsuiteError(
          'OPTION_INVALID',
          `model: pretrained '${name}' must be a Float32Array: the values of what pretrainedTable gives.`,
        )
      if (!values.every(Number.isFinite))
        throw new EnsuiteError(
          'OPTION_INVALID',
          `model: pretrained '${name}' has numbers that are not finite.`,
        )
      if (values.length !== rows * width)
        throw new EnsuiteError(
          'SHAPE_MISMATCH',
          `model: pretrained '${name}' expects ${rows} codes of ${width} numbers, ${rows * width} in all, received ${values.length}. Make it with pretrainedTable.`,
        )
      return [pretrainedParameter(name), normalise ? normalised(values, width) : values]
    }),
  )
}

/**
 * What is known of the items, by parameter name. None for a model that was trained. Throws `OPTION_INVALID` for content without values and values without content,
 * `SHAPE_MISMATCH` for another size.
 */
export function contentValues(
  schema: FeatureSchema,
  { content }: Inputs,
  given: Readonly<Record<string, Float32Array>> | undefined = {},
): Readonly<Record<string, Float32Array>> {
  const sizes: Readonly<Record<string, number>> = {
    ...Object.fromEntries((content?.features ?? []).map((name) => [name, 1])),
    ...content?.vectors,
  }
  const odd =
    Object.keys(given).find((name) => !Object.hasOwn(sizes, name)) ??
    Object.keys(sizes).find((name) => !Object.hasOwn(given, name))
  if (odd !== undefined)
    throw new EnsuiteError(
      'OPTION_INVALID',
      Object.hasOwn(given, odd)
        ? `model: content has '${odd}', which inputs.content does not. Name it in both.`
        : `model: inputs.content has '${odd}', and what it is of each item is not given. Give it: content: await itemContent(sessions, schema, ['${odd}']), or of vectors what pretrainedTable gives.`,
    )
  return Object.fromEntries(
    Object.entries(sizes).map(([name, size]) => {
      const values = given[name]!
      if (!(values instanceof Float32Array) || values.length !== schema.items * size)
        throw new EnsuiteError(
          'SHAPE_MISMATCH',
          `model: content '${name}' expects a Float32Array of ${schema.items} items of ${size} numbers. Make it with itemContent, or of vectors with pretrainedTable.`,
        )
      const codes = ownValue(schema.categorical, name)
      const fits = (value: number): boolean =>
        codes === undefined
          ? Number.isFinite(value)
          : Number.isInteger(value) && value >= PADDING && value < codes
      const wrong = values.find((value) => !fits(value))
      if (wrong !== undefined)
        throw new EnsuiteError(
          'OPTION_INVALID',
          `model: content '${name}' has ${wrong}, which is ${codes === undefined ? 'no finite number' : `none of the ${codes} codes of the feature`}.`,
        )
      return [contentParameter(name), values]
    }),
  )
}

/** Rows at length 1; a row of zeros stays. */
function normalised(values: Float32Array, width: number): Float32Array {
  const scaled = values.slice()
  for (let start = 0; start < values.length; start += width) {
    const length = Math.hypot(...values.subarray(start, start + width))
    if (length > 0) for (let at = start; at < start + width; at++) scaled[at]! /= length
  }
  return scaled
}

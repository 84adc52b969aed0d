import { RESERVED } from '../codes.ts'
import type { FeatureSchema, InputOptions } from '../inputs/index.ts'
import { fields, invalid, isRecord, record, text, whole } from './json-checks.ts'

/** A masking, block or head as data: what its constructor is called with. */
export interface PartDescription {
  readonly kind: string
  readonly options: Readonly<Record<string, number | string | boolean>>
}

/** All that a model is put together from, but its weights. */
export interface ModelDescription {
  readonly schema: FeatureSchema
  readonly inputs: InputOptions
  readonly maxLength: number
  readonly masking: PartDescription
  readonly block: PartDescription
  readonly heads: readonly PartDescription[]
}

const MOST_CODES = 2 ** 31 - 1

/** Reads the description of a model; of format version 1 after `withHeads`. Throws `ARTIFACT_INVALID`. */
export function modelDescription(where: string, value: unknown): ModelDescription {
  const { schema, inputs, maxLength, ...parts } = fields(where, value, [
    'schema',
    'inputs',
    'maxLength',
    'masking',
    'block',
    'heads',
  ])
  const { items, categorical, continuous } = fields(`${where}.schema`, schema, [
    'items',
    'categorical',
    'continuous',
  ])
  return {
    schema: {
      items: whole(`${where}.schema.items`, items, RESERVED + 1, MOST_CODES),
      categorical: record(`${where}.schema.categorical`, categorical, (at, codes) =>
        whole(at, codes, RESERVED, MOST_CODES),
      ),
      continuous: names(`${where}.schema.continuous`, continuous),
    },
    // Its names and values are checked where the model is made of it.
    inputs: record(`${where}.inputs`, inputs, (_, value) => value),
    maxLength: whole(`${where}.maxLength`, maxLength, 1, 100_000),
    masking: part(`${where}.masking`, parts['masking']),
    block: part(`${where}.block`, parts['block']),
    heads: partList(`${where}.heads`, parts['heads']),
  }
}

/** Version 1 had one head and no options of inputs. */
export const withHeads = (model: unknown): unknown => {
  if (!isRecord(model) || !('head' in model)) return model
  const { head, ...rest } = model
  return { inputs: {}, ...rest, heads: [head] }
}

const MOST_HEADS = 1000

function partList(where: string, value: unknown): readonly PartDescription[] {
  if (!Array.isArray(value) || value.length === 0 || value.length > MOST_HEADS)
    throw invalid(where, 'a list of parts', value)
  return value.map((each: unknown, at) => part(`${where}[${at}]`, each))
}

function names(where: string, value: unknown): readonly string[] {
  const texts: unknown[] | undefined = Array.isArray(value) ? value : undefined
  if (texts?.every((each) => typeof each === 'string') === true && new Set(texts).size === texts.length)
    return texts
  throw invalid(where, 'a list of names, each once', value)
}

/** Reads the kind and the options of a part. Throws `ARTIFACT_INVALID`. */
export function part(where: string, value: unknown): PartDescription {
  const { kind, options } = fields(where, value, ['kind', 'options'])
  return {
    kind: text(`${where}.kind`, kind, /^[a-z0-9][a-z0-9-]{0,63}$/, 'the name of a part'),
    options: record(`${where}.options`, options, (at, option) => {
      if (typeof option === 'number' || typeof option === 'string' || typeof option === 'boolean')
        return option
      throw invalid(at, 'a number, text or boolean', option)
    }),
  }
}

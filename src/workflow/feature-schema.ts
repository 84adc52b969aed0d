import { addTags } from '../schema/tags.ts'
import { columnSchema, type ColumnSchema } from '../schema/column-schema.ts'
import type { Dtype } from '../schema/dtype.ts'
import { schema, type Schema } from '../schema/schema.ts'
import type { Definition } from './definition.ts'
import { featureType, type FeatureType } from './feature-types.ts'
import type { States } from './fit-plan.ts'
import { inputKind, modelInputs } from './model-inputs.ts'

/** How many events the sessions have, where that is known. */
export interface Lengths {
  readonly min: number
  readonly max: number
}

const dtypes: Readonly<Record<FeatureType, Dtype>> = {
  int32: 'int32',
  float32: 'float32',
  float64: 'float64',
  text: 'string',
  boolean: 'bool',
}

/** Names of features are the user's: 'constructor' is one, too. */
const own = <Value>(record: Readonly<Record<string, Value>>, name: string): Value | undefined =>
  Object.hasOwn(record, name) ? record[name] : undefined

/** The width that NVTabular proposes for the embedding of so many codes: 1.6·codes^0.56, from 16 to 512. */
const embeddingDimension = (codes: number): number =>
  Math.min(512, Math.max(16, Math.round(1.6 * codes ** 0.56)))

/**
 * Sessions of features as a schema, which Merlin's tools read, too: a list column a feature, with its range of codes, its tags and what the workflow says of it.
 * `lengths`: what the lists of the sessions at hand have; a list of any length where it is left out.
 */
export function featureSchema(definition: Definition, states: States, lengths?: Lengths): Schema {
  const { items, categorical } = modelInputs(definition, states)
  const sizes: Readonly<Record<string, number>> = {
    ...categorical,
    ...(definition.item !== undefined && { [definition.item]: items }),
  }
  const shape = [{ min: 0 }, lengths ?? { min: 0 }]
  const session = columnSchema({ name: 'session', dtype: 'string', tags: ['session', 'id'] })
  const features = Object.entries(definition.features).map(([name, tree]): ColumnSchema => {
    const { tags = [], properties = {} } = own(definition.schema, name) ?? {}
    const codes = own(sizes, name)
    return columnSchema({
      name,
      dtype: dtypes[featureType(tree)],
      tags: addTags(defaultTags(definition, name), tags, { where: `Feature '${name}'`, override: true }),
      properties: {
        ...(codes !== undefined && {
          embedding_sizes: { cardinality: codes, dimension: embeddingDimension(codes) },
        }),
        ...properties,
      },
      ...(codes !== undefined && { domain: { min: 0, max: codes - 1 } }),
      shape,
    })
  })
  const context = Object.entries(definition.context).map(([name, tree]): ColumnSchema => {
    const { tags = [], properties = {} } = own(definition.schema, name) ?? {}
    return columnSchema({
      name,
      dtype: dtypes[featureType(tree)],
      tags: addTags(['session', 'context'], tags, { where: `Context '${name}'`, override: true }),
      properties,
    })
  })
  return schema([session, ...features, ...context])
}

function defaultTags({ item, features }: Definition, name: string): readonly string[] {
  if (name === item) return ['item', 'id', 'categorical', 'list']
  const tree = features[name]!
  const kind = inputKind(tree)
  if (kind !== undefined) return [kind, 'list']
  return [tree.type === 'text' ? 'text' : 'time', 'list']
}

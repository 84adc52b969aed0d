import { contentInput, type Served, type ServedContent } from '../artifact/index.ts'
import { PADDING, RESERVED } from '../codes.ts'
import { EnsuiteError } from '../errors.ts'
import { checkOptions } from '../options.ts'
import type { TensorData } from '../graph/index.ts'

import type { Event } from '../workflow/event-values.ts'
import type { FittedWorkflow } from '../workflow/fitted-workflow.ts'
import { encodedInputs, type EncodedInputs } from '../workflow/model-inputs.ts'

/** What is known of an item that the catalogue has got since training. */
export interface NewItem {
  /** The item and what its features are made of, by column, as an event of it has them. */
  readonly columns: Event
  /** Its vectors, by the names of `inputs.content.vectors`. */
  readonly vectors?: Readonly<Record<string, ArrayLike<number>>>
}

export interface NewItems {
  readonly all: readonly string[]
  /** Those that the catalogue of training does not have; `columns` are theirs, by the inputs of `new-items.onnx`. */
  readonly fresh: readonly string[]
  readonly columns: Readonly<Record<string, TensorData>>
}

interface Catalogue {
  readonly workflow: FittedWorkflow
  readonly served: Served
  readonly isKnown: (item: string) => boolean
}

/** Throws what `addItems` rejects with. */
export function newItems(given: readonly NewItem[], { workflow, served, isKnown }: Catalogue): NewItems {
  if (!(given instanceof Array)) throw refused('expects a list of items, { columns, vectors } each.')
  const itemColumn = workflow.itemColumn!
  const named = given.map((item, at) => {
    const encoded = workflow.encode([columnsOf(item, at)])
    if (encoded.events.length === 0)
      throw refused(
        `the workflow leaves out events such as item ${at}. Give it columns of an event that counts.`,
      )
    const inputs = encodedInputs(workflow.definition, encoded)
    return { id: String(item.columns[itemColumn]), at, inputs, vectors: item.vectors ?? {} }
  })
  const fresh = [...new Map(named.filter(({ id }) => !isKnown(id)).map((item) => [item.id, item])).values()]
  const { content } = served
  if (fresh.length > 0 && served.items > 0 && served.dimensions === 0)
    throw refused(
      `'${fresh[0]!.id}' is no item of the catalogue, and a baseline learns of items by sessions alone. Train it again on sessions of it.`,
    )
  if (fresh.length > 0 && content === undefined)
    throw refused(
      `'${fresh[0]!.id}' is no item of the catalogue, and this model gives new ones no embedding. Train it with inputs.content, and save it again.`,
    )
  return {
    all: named.map(({ id }) => id),
    fresh: fresh.map(({ id }) => id),
    columns: content === undefined ? {} : columnsFor(fresh, content),
  }
}

interface Fresh {
  readonly at: number
  readonly inputs: EncodedInputs
  readonly vectors: Readonly<Record<string, ArrayLike<number>>>
}

function columnsFor(items: readonly Fresh[], content: ServedContent): NewItems['columns'] {
  checkVectors(items, content)
  const dims = [items.length]
  // Training says nothing of what is unknown: an embedding of it was never learnt.
  const known = (code: number): number => (code < RESERVED ? PADDING : code)
  const number = (value: number): number => (Number.isNaN(value) ? 0 : value)
  return {
    ...Object.fromEntries(
      Object.entries(content.features).map(([name, kind]): [string, TensorData] => [
        contentInput(name),
        kind === 'code'
          ? {
              dtype: 'int32',
              dims,
              data: Int32Array.from(items, ({ inputs }) => known(inputs.categorical[name]![0]!)),
            }
          : {
              dtype: 'float32',
              dims,
              data: Float32Array.from(items, ({ inputs }) => number(inputs.continuous[name]![0]!)),
            },
      ]),
    ),
    ...Object.fromEntries(
      Object.entries(content.vectors).map(([name, size]): [string, TensorData] => [
        contentInput(name),
        { dtype: 'float32', dims: [items.length, size], data: vectorsOf(items, name, size) },
      ]),
    ),
  }
}

/** Throws `OPTION_INVALID` for vectors that the model does not take: whoever gives them expects that they count. */
function checkVectors(items: readonly Fresh[], { vectors: known }: ServedContent): void {
  for (const { at, vectors } of items) {
    const odd = Object.keys(Object(vectors) as object).find((name) => !Object.hasOwn(known, name))
    if (odd !== undefined)
      throw refused(
        `item ${at} (counted from 0) has vectors '${odd.slice(0, 50)}', and the model takes ${Object.keys(known).join(', ') || 'none'}.`,
      )
  }
}

function vectorsOf(items: readonly Fresh[], name: string, size: number): Float32Array {
  const values = new Float32Array(items.length * size)
  for (const [place, { at, vectors }] of items.entries()) {
    const vector = (Object.hasOwn(vectors, name) ? vectors[name] : undefined) ?? []
    if (vector.length !== size || !Float32Array.from(vector).every(Number.isFinite))
      throw new EnsuiteError(
        'SHAPE_MISMATCH',
        `addItems: the vector '${name}' of item ${at} (counted from 0) expects ${size} finite numbers, received ${vector.length}.`,
      )
    values.set(vector, place * size)
  }
  return values
}

function columnsOf(item: unknown, at: number): Event {
  if (typeof item === 'object' && item !== null)
    checkOptions(`addItems: item ${at} (counted from 0)`, item, ['columns', 'vectors'])
  const { columns } = Object(item) as { readonly columns?: unknown }
  if (typeof columns === 'object' && columns !== null && !Array.isArray(columns)) return columns as Event
  throw refused(`item ${at} (counted from 0) should be { columns, vectors }, and is not.`)
}

const refused = (why: string): EnsuiteError => new EnsuiteError('OPTION_INVALID', `addItems: ${why}`)

import { modelFromDescription } from '../artifact/index.ts'
import type { BlockKind, UncheckedOptions } from '../blocks/index.ts'
import { optionsFor } from '../blocks/variants.test-support.ts'
import { RESERVED } from '../codes.ts'
import type { Sessions } from '../data/index.ts'
import type { MaskingKind } from '../masking/index.ts'
import type { Model } from '../model.ts'
import type { Parameter } from '../nn/index.ts'
import { createRandom } from '../random.ts'

export const ITEMS = 20
export const BRANDS = 400
/** Half of a session. */
const WINDOW = 4

export interface TinyOptions {
  readonly block?: BlockKind
  readonly dropout?: number
  readonly width?: number
  /** Adds the feature `brand`, whose table is updated by rows. */
  readonly brand?: boolean
  readonly masking?: MaskingKind
  readonly items?: number
  readonly head?: Readonly<Record<string, number | string | boolean>>
}

/** What the block has of these options; one that may reads both ways where the masking hides what is predicted. */
const blockOf = (block: BlockKind, options: UncheckedOptions, masking: MaskingKind) =>
  optionsFor(block, { ...options, bidirectional: masking !== 'causal' }) as Readonly<
    Record<string, number | boolean>
  >

/** A model that trains in milliseconds a step. */
export function tinyModel({
  block = 'sasrec',
  dropout = 0.1,
  width = 16,
  brand = false,
  masking = 'causal',
  items = ITEMS,
  head = {},
}: TinyOptions = {}): Model {
  const made = modelFromDescription({
    schema: { items: items + RESERVED, categorical: brand ? { brand: BRANDS } : {}, continuous: [] },
    inputs: {},
    maxLength: 8,
    masking: { kind: masking, options: {} },
    block: {
      kind: block,
      options: blockOf(block, { width, layers: 1, heads: 2, dropout, window: WINDOW }, masking),
    },
    heads: [{ kind: 'next-item', options: head }],
  })
  return brand ? updatedByRows(made, 'categorical.brand.weight') : made
}

/** The model with one table declared as the large ones are: only rows that a batch touched are updated. */
function updatedByRows(of: Model, name: string): Model {
  const declared = (parameters: readonly Parameter[]): readonly Parameter[] =>
    parameters.map((each) => (each.name === name ? { ...each, update: 'rows' as const } : each))
  return {
    ...of,
    parameters: declared(of.parameters),
    training: (options) => {
      const training = of.training(options)
      return { ...training, parameters: declared(training.parameters) }
    },
  }
}

/** Sessions of these item codes; the brand of an event is any, from `seed`. */
export function sessionsOf(codes: readonly (readonly number[])[], seed = 1): Sessions {
  const random = createRandom(seed, 77)
  const offsets = [0]
  for (const session of codes) offsets.push(offsets.at(-1)! + session.length)
  return {
    count: codes.length,
    offsets: Int32Array.from(offsets),
    items: Int32Array.from(codes.flat()),
    categorical: { brand: Int32Array.from(codes.flat(), () => RESERVED + random.below(BRANDS - RESERVED)) },
    continuous: {},
    // An event a minute.
    times: Float64Array.from(codes.flat(), (_, at) => at * 60_000),
    ids: codes.map((_, index) => String(index)),
  }
}

/** Sessions of 2 to 8 events. `next` chooses the item after an item, both from 0; by chance where it is left out. */
export function randomSessions(
  count: number,
  seed: number,
  next?: (item: number) => number,
): readonly (readonly number[])[] {
  const random = createRandom(seed, 78)
  return Array.from({ length: count }, () => {
    const items = [random.below(ITEMS)]
    const length = 2 + random.below(7)
    while (items.length < length) items.push(next === undefined ? random.below(ITEMS) : next(items.at(-1)!))
    return items.map((item) => item + RESERVED)
  })
}

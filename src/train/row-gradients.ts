import { bind, cast, product, type Shape, type Tensor, type TensorData } from '../graph/index.ts'
import type { Kernels } from '../kernels/index.ts'
import { checkRowsUpdate, type GradientParts } from './gradient-parts.ts'
import type { Slot } from './parameter-store.ts'

/** A number for each symbolic size. */
export type Sizes = Readonly<Record<string, number>>

/** The gradient of one table that comes as rows by id: memory for it, and what a step does with it. */
export interface RowGradients {
  readonly slot: Slot
  readonly outputs: Readonly<Record<string, Tensor>>
  /** Where the graph is to write them in a batch of these sizes: behind what is held. */
  into(sizes: Sizes): Readonly<Record<string, TensorData>>
  /** Adds them to the dense gradient of their table. */
  scatter(sizes: Sizes): void
  /** Of a table that is updated by rows: holds those that were written, until they are combined. */
  hold(sizes: Sizes): void
  /** Adds up the rows of equal ids of all that is held, and holds nothing any more. Views are good until the next step. */
  combine(): { readonly rows: Int32Array; readonly gradients: Float32Array }
  /** Holds nothing any more. */
  clear(): void
}

export const count = (shape: Shape, sizes: Sizes): number => bind(product(shape), sizes) as number

export interface RowGradientOptions {
  readonly largest: Sizes
  /** How many batches a table that is updated by rows holds; default 1. */
  readonly batches?: number
}

/** Bytes of kernel memory that `rowGradients` takes. */
export function rowGradientBytes(
  slot: Pick<Slot, 'parameter'>,
  parts: GradientParts,
  { largest, batches = 1 }: RowGradientOptions,
): number {
  const { shape, update } = slot.parameter
  const held = update === 'rows' ? batches : 1
  const parted = parts.rows.reduce(
    (all, { rows, ids }) => all + 4 * held * (count(rows.shape, largest) + count(ids.shape, largest)) + 128,
    0,
  )
  return parted + (update === 'rows' ? 4 * shape[0]! + 64 : 0)
}

export function rowGradients(
  kernels: Kernels,
  slot: Slot,
  parts: GradientParts,
  { largest, batches = 1 }: RowGradientOptions,
): RowGradients {
  const { name, shape, update } = slot.parameter
  const width = count(shape.slice(1), {})
  if (update === 'rows') checkRowsUpdate(name, parts)
  const capacity = parts.rows.map(({ ids }) => count(ids.shape, largest))
  const held = update === 'rows' ? batches : 1
  const ids = kernels.int32(held * capacity.reduce((all, each) => all + each, 0))
  const values = kernels.float32(ids.length * width)
  const slots = update === 'rows' ? kernels.int32(shape[0]!).fill(-1) : undefined
  const names = parts.rows.map(
    (_, at) => [`gradient.${name}.ids${at}`, `gradient.${name}.rows${at}`] as const,
  )
  /** Rows that are held. */
  let end = 0
  // The parts of one table lie behind each other, so that they can be combined as one.
  const places = (sizes: Sizes): readonly { readonly from: number; readonly to: number }[] => {
    let from = end
    return parts.rows.map((part) => {
      const place = { from, to: from + count(part.ids.shape, sizes) }
      from = place.to
      return place
    })
  }
  return {
    slot,
    outputs: Object.fromEntries(
      parts.rows.flatMap((part, at) => [
        [names[at]![0], cast(part.ids, 'int32')] as const,
        [names[at]![1], part.rows] as const,
      ]),
    ),
    into: (sizes) =>
      Object.fromEntries(
        places(sizes).flatMap(({ from, to }, at): readonly (readonly [string, TensorData])[] => [
          [names[at]![0], { dtype: 'int32', dims: [to - from], data: ids.subarray(from, to) }],
          [
            names[at]![1],
            {
              dtype: 'float32',
              dims: [to - from, ...shape.slice(1)],
              data: values.subarray(from * width, to * width),
            },
          ],
        ]),
      ),
    scatter: (sizes) => {
      for (const [at, { from, to }] of places(sizes).entries()) {
        kernels.scatterAddRows(
          slot.gradients.subarray(parts.rows[at]!.offset * width),
          ids.subarray(from, to),
          values.subarray(from * width, to * width),
          width,
        )
      }
    },
    hold: (sizes) => {
      const all = places(sizes)
      for (const [at, { from, to }] of all.entries()) {
        const { offset } = parts.rows[at]!
        if (offset !== 0) for (let each = from; each < to; each++) ids[each]! += offset
      }
      end = all.at(-1)!.to
    },
    combine: () => {
      const given = { ids: ids.subarray(0, end), values: values.subarray(0, end * width), width }
      const unique = kernels.combineRows(given, { rows: given.ids, values: given.values, slots: slots! })
      end = 0
      return { rows: ids.subarray(0, unique), gradients: values.subarray(0, unique * width) }
    },
    clear: () => {
      end = 0
    },
  }
}

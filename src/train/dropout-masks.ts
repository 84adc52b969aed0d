import { bind, type TensorData } from '../graph/index.ts'
import type { Kernels } from '../kernels/index.ts'
import type { Mask } from '../nn/index.ts'
import { seedState } from '../random.ts'
import { count, type Sizes } from './row-gradients.ts'

/** The dropout masks of a model, drawn by the kernel on the host: the same bytes wherever the step runs. */
export interface DropoutMasks {
  /** State of the generator: a checkpoint saves it and writes it back. */
  readonly state: Uint32Array
  /** Draws every mask anew, for a batch of these sizes. The views are good until the next draw. */
  draw(sizes: Sizes): Readonly<Record<string, TensorData>>
}

/** The stream of the one seed that dropout masks are drawn from; parameters use the streams from 0. */
const MASK_STREAM = 0x6d61736b

/** Bytes of kernel memory that the masks of the largest batch take. */
export function maskBytes(masks: readonly Mask[], largest: Sizes): number {
  return masks.reduce((all, mask) => all + 4 * count(mask.shape, largest) + 64, 4096)
}

export function dropoutMasks(
  kernels: Kernels,
  masks: readonly Mask[],
  options: { readonly largest: Sizes; readonly seed: number },
): DropoutMasks {
  const state = seedState(options.seed, MASK_STREAM)
  const memory = masks.map((mask) => kernels.float32(count(mask.shape, options.largest)))
  return {
    state,
    draw: (sizes) =>
      Object.fromEntries(
        masks.map((mask, at) => {
          const data = memory[at]!.subarray(0, count(mask.shape, sizes))
          kernels.dropoutMask(data, mask.probability, state)
          return [
            mask.name,
            { dtype: 'float32', dims: mask.shape.map((dim) => bind(dim, sizes) as number), data },
          ]
        }),
      ),
  }
}

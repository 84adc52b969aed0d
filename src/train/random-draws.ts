import { bind, type TensorData } from '../graph/index.ts'
import type { Draw } from '../nn/index.ts'
import { createRandom } from '../random.ts'
import { count, type Sizes } from './row-gradients.ts'

/** The stream of the one seed that draws come from. */
const DRAW_STREAM = 0x64720000
/** Keeps the updates apart; more updates than that repeat no draw in practice. */
const UPDATE_SEEDS = 2 ** 21

/** Random inputs of an update (from 1): they depend on the seed and the update alone, so that nothing need be saved. */
export function randomDraws(
  draws: readonly Draw[],
  { seed, update, sizes }: { readonly seed: number; readonly update: number; readonly sizes: Sizes },
): Readonly<Record<string, TensorData>> {
  if (draws.length === 0) return {}
  const start = createRandom(seed, DRAW_STREAM).next()
  return Object.fromEntries(
    draws.map(({ name, shape }, at) => {
      const random = createRandom(start * UPDATE_SEEDS + (update % UPDATE_SEEDS), at)
      const data = Float32Array.from({ length: count(shape, sizes) }, () => (random.next() >>> 8) / 2 ** 24)
      return [name, { dtype: 'float32', dims: shape.map((dim) => bind(dim, sizes) as number), data }]
    }),
  )
}

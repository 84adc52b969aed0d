import type { Batch } from '../data/index.ts'
import { bind, type TensorData } from '../graph/index.ts'
import type { Draw, NegativesDraw, NegativesOptions } from '../nn/index.ts'
import { createRandom, seedState } from '../random.ts'
import {
  frequencyNegatives,
  logUniformNegatives,
  negativeDraws,
  uniformNegatives,
  type NegativeDistribution,
  type NegativeDraws,
} from './negatives/index.ts'
import { count, type Sizes } from './row-gradients.ts'

/** How often each item is in what is trained on, [items] each. */
export interface ItemCounts {
  /** In all events. */
  readonly events: Float64Array
  /** As a target. */
  readonly targets: Float64Array
}

/** The random inputs of a model, but for its dropout masks. */
export interface RandomDraws {
  /** Draws all anew for an update (from 1): they depend on the seed and the update alone, so that nothing need be saved. The views are good until the next draw. */
  draw(batch: Batch, update: number, sizes: Sizes): Readonly<Record<string, TensorData>>
}

/** The stream of the one seed that draws come from. */
const DRAW_STREAM = 0x64720000
/** Keeps the updates apart; with more than that the draws of the first ones come again. */
const UPDATE_SEEDS = 2 ** 21

/** Whether a model needs to know how often each item is trained on. */
export const needsCounts = (draws: readonly Draw[]): boolean =>
  draws.some(
    (draw) =>
      draw.kind === 'negatives' &&
      (draw.options.distribution === 'frequency' ||
        draw.options.kind === 'batch' ||
        draw.options.kind === 'mixed'),
  )

/** `itemCounts`: needed where `needsCounts` says so. */
export function randomDraws(
  draws: readonly Draw[],
  { seed, itemCounts }: { readonly seed: number; readonly itemCounts?: ItemCounts | undefined },
): RandomDraws {
  const start = createRandom(seed, DRAW_STREAM).next()
  const sources = draws.map((draw) =>
    draw.kind === 'negatives' ? negativesOf(draw.options, itemCounts) : undefined,
  )
  return {
    draw: (batch, update, sizes) => {
      const own = start * UPDATE_SEEDS + (update % UPDATE_SEEDS)
      const feeds = draws.map((draw, at): Readonly<Record<string, TensorData>> => {
        if (draw.kind === 'negatives') return negativeFeeds(draw, sources[at]!, batch, seedState(own, at))
        const random = createRandom(own, at)
        const data = Float32Array.from(
          { length: count(draw.shape, sizes) },
          () => (random.next() >>> 8) / 2 ** 24,
        )
        const dims = draw.shape.map((dim) => bind(dim, sizes) as number)
        return { [draw.name]: { dtype: 'float32', dims, data } }
      })
      return Object.assign({}, ...feeds) as Readonly<Record<string, TensorData>>
    },
  }
}

function negativesOf(options: NegativesOptions, itemCounts: ItemCounts | undefined): NegativeDraws {
  const { kind, count: negatives, power, items } = options
  // A count is needed only where `needsCounts` says so; elsewhere all items are alike.
  const alike = new Float64Array(items).fill(1)
  const { events, targets: targetCounts } = itemCounts ?? { events: alike, targets: alike }
  const targets = frequencyNegatives(targetCounts, { power: 1 })
  const distributions: Readonly<Record<NegativesOptions['distribution'], () => NegativeDistribution>> = {
    uniform: () => uniformNegatives(items),
    'log-uniform': () => logUniformNegatives(items),
    frequency: () => frequencyNegatives(events, { power }),
  }
  // The seed is exchanged before each draw.
  if (kind === 'batch') return negativeDraws({ seed: 0, kind, targets })
  const distribution = distributions[options.distribution]()
  if (kind === 'mixed') return negativeDraws({ seed: 0, kind, distribution, count: negatives, targets })
  return negativeDraws({ seed: 0, kind, distribution, count: negatives })
}

function negativeFeeds(
  { name, options }: NegativesDraw,
  source: NegativeDraws,
  { labelItems, sessionIndices }: Batch,
  state: Uint32Array,
): Readonly<Record<string, TensorData>> {
  source.state.set(state.subarray(0, source.state.length))
  const { codes, logQ, targetLogQ } = source.draw(labelItems, sessionIndices.length)
  const labels = labelItems.length
  const dims = options.kind === 'each' ? [labels, source.count] : [source.count]
  return {
    [`${name}.codes`]: { dtype: 'int32', dims, data: codes },
    [`${name}.logQ`]: { dtype: 'float32', dims, data: logQ },
    [`${name}.targetLogQ`]: { dtype: 'float32', dims: [labels], data: targetLogQ },
  }
}

import { createRandom } from '../random.ts'
import { itemNoise } from './item-noise.ts'
import type { Rule } from './rule.ts'
import { catalogueFor, readNumber, readObject, readSeed } from './rule-checks.ts'

const DAY_MS = 86_400_000

export interface ExplorationOptions {
  /** Of the places, from 0 to 1: as many on average, over seeds, as `share` of them. */
  readonly share: number
  /** Another one for each answer, so that every new item has its chance. */
  readonly seed: number
  /** What was added so many days ago or later is new. Default 14. */
  readonly days?: number
}

/** New items of the catalogue, which the model may not even know, at some of the places: evenly drawn, at places that are evenly drawn. */
export const exploration: Rule<ExplorationOptions> = {
  read: (value, path, context) => {
    const own = readObject(value, path, { required: ['share', 'seed'], optional: ['days'] })
    catalogueFor(path, context)
    return {
      share: readNumber(own['share'], `${path}.share`, { min: 0, max: 1 }),
      seed: readSeed(own['seed'], `${path}.seed`),
      days: readNumber(own['days'] ?? 14, `${path}.days`, { above: 0, max: 36_500 }),
    }
  },
  effect: ({ share, seed, days = 14 }, { now }) => ({
    exploration: {
      isNew: (added) => added <= now && added > now - days * DAY_MS,
      drawn: (items) =>
        items
          .map((item) => [itemNoise(seed, item), item] as const)
          .sort(([one, item], [other, second]) => one - other || (item < second ? -1 : 1))
          .map(([, item]) => item),
      places: (free, k) => {
        const random = createRandom(seed)
        const count = Math.min(free.length, Math.floor(k * share + random.uniform()))
        const order = Int32Array.from(free)
        random.shuffle(order)
        return [...order.subarray(0, count)].sort((one, other) => one - other)
      },
    },
  }),
}

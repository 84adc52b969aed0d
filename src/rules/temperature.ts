import { itemNoise } from './item-noise.ts'
import type { Rule } from './rule.ts'
import { readNumber, readObject, readSeed } from './rule-checks.ts'

export interface Temperature {
  /** 0 changes nothing; 1 draws items by how likely the model says they are; more is more even. */
  readonly value: number
  /** The same seed draws the same. */
  readonly seed: number
}

/**
 * Items are drawn instead of ranked: without replacement, each next one by softmax(score ÷ value) among those that are left. They are drawn from the best that were found, at least 100 and four times as
 * many as are wanted.
 *
 * Paper: Kool, van Hoof and Welling 2019, Gumbel top-k: the largest of score ÷ value + Gumbel noise.
 */
export const temperature: Rule<Temperature> = {
  read: (value, path) => {
    const own = readObject(value, path, { required: ['value', 'seed'] })
    return {
      value: readNumber(own['value'], `${path}.value`, { min: 0, max: 1000 }),
      seed: readSeed(own['seed'], `${path}.seed`),
    }
  },
  effect: ({ value, seed }) =>
    value === 0 ? {} : { noise: (item) => -value * Math.log(-Math.log(itemNoise(seed, item))) },
}

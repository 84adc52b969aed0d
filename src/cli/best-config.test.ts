import { expect, test } from 'vitest'
import type { Split } from '../data/index.ts'
import { expressions as f } from '../expressions/index.ts'
import { workflow } from '../workflow/index.ts'
import { bestConfig } from './best-config.ts'
import { chosenSplit } from './split-options.ts'

const found = workflow({ session: 'session', item: f.category('item') })
const inputOf = (split: Split) => ({
  events: { path: ['a.csv'] },
  workflow: found,
  split,
  learnFromAll: true,
})

test('the best config has the data that was searched with, not what the config says of it', () => {
  const split = { kind: 'random', validation: 0.2, test: 0.3, seed: 5 } as const
  const train = { seed: 7, epochs: 3 }
  const best = bestConfig({ split: { kind: 'leave-one-out' }, learnFrom: 'training', train }, inputOf(split))
  expect(best).toMatchObject({ workflow: { session: 'session' }, split, learnFrom: 'all', train })
})

test('train divides by it as the search did, by the seed of the search', () => {
  const said = { kind: 'random', validation: 0.2, test: 0.2 } as Split
  const searched = chosenSplit({}, 3, said)!
  const best = bestConfig({ split: said, train: { seed: 7 } }, inputOf(searched))
  expect(searched).toMatchObject({ seed: 3 })
  expect(chosenSplit({}, best.train!.seed!, best.split)).toEqual(searched)
})

test('of a prepared folder it has what was given alone', () => {
  const best = bestConfig({ learnFrom: 'training', train: { seed: 7 } }, { prepared: 'folder' })
  expect(best).toEqual({ train: { seed: 7 } })
})

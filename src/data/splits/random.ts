import { createRandom } from '../../random.ts'
import { byShares, shareOptions, type Shares } from './by-shares.ts'
import { splitKind } from './split-kind.ts'

/** Whole sessions, drawn with `seed`. Trains on events later than targets. */
export const random = splitKind<'random', Shares & { readonly seed: number }>({
  kind: 'random',
  summary: 'whole sessions, drawn with the seed',
  options: { ...shareOptions, seed: { kind: 'whole', summary: 'of the draw' } },
  divide: (sessions, { seed, ...shares }) => {
    const order = Int32Array.from({ length: sessions.count }, (_, index) => index)
    createRandom(seed).shuffle(order)
    return byShares(sessions, order, shares)
  },
})

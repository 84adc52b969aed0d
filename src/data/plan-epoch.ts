import { EnsuiteError } from '../errors.ts'
import { checkNumber } from '../options.ts'
import type { Batch, BatchPlan } from './batches.ts'
import { epochRandom } from './epoch-random.ts'
import { knownEvents } from './known-events.ts'
import { planTraining, type TrainingOptions } from './plan-training.ts'
import { isSource, type SessionSource } from '../workflow/session-source.ts'
import type { Sessions } from './sessions.ts'

/** The batches of one epoch, in pools that are in memory one at a time; sessions in memory are one pool. */
export interface EpochPlan {
  readonly pools: number
  /** Updates of all pools together. */
  readonly updates: number
  pool(index: number): Promise<PoolPlan>
}

/** The batches of a pool by updates, each one or, where several accumulate, some; the last update maybe fewer. */
export interface PoolPlan {
  /** Of updates. */
  readonly count: number
  batches(update: number): readonly Batch[]
}

/** Epochs from 1. */
export interface EpochPlans {
  /** Updates of all epochs before this one. */
  updatesBefore(epoch: number): number
  plan(epoch: number): EpochPlan
}

export interface EpochOptions extends Omit<TrainingOptions, 'epoch' | 'pool'> {
  /** Sessions of a source that are in memory at once, and so the reach of the shuffling beside that of the blocks. */
  readonly poolSessions: number
  /** Batches an update; default 1. */
  readonly accumulate?: number
}

/** Keeps the order of blocks apart from other uses of the same seed. */
const BLOCK_STREAM = 0x626c0000

/**
 * What is trained on in each epoch (from 1). Sessions in memory are shuffled whole; of a source the blocks are shuffled, then the sessions inside each pool of blocks.
 * The plans depend on the arguments only: a resumed run gets the same batches. Throws what `planTraining` throws.
 */
export function planEpochs(
  data: Sessions | SessionSource,
  { poolSessions, accumulate = 1, ...options }: EpochOptions,
): EpochPlans {
  checkNumber('train: poolSessions', poolSessions, { integer: true, min: 1 })
  checkNumber('train: accumulate', accumulate, { integer: true, min: 1 })
  if (!isSource(data)) {
    const known = knownEvents(data)
    const count = Math.ceil(planTraining(known, { ...options, epoch: 1 }).count / accumulate)
    return {
      updatesBefore: (epoch) => count * (epoch - 1),
      plan: (epoch) => ({
        pools: 1,
        updates: count,
        pool: () => Promise.resolve(byUpdates(planTraining(known, { ...options, epoch }), accumulate)),
      }),
    }
  }
  const { blocks } = data
  if (blocks.every(({ usable }) => usable === 0))
    throw new EnsuiteError(
      'SESSIONS_TOO_FEW',
      'Training needs sessions of two known items or more; the prepared files have none. Give longer sessions, or lower minCount.',
    )
  const updatesOf = (pool: readonly number[]): number =>
    Math.ceil(
      Math.ceil(pool.reduce((sum, block) => sum + blocks[block]!.usable, 0) / options.batchSize) / accumulate,
    )
  const poolsIn = (epoch: number): readonly (readonly number[])[] => {
    const order = Int32Array.from(blocks.keys()).filter((block) => blocks[block]!.usable > 0)
    epochRandom(options.seed, BLOCK_STREAM, epoch).shuffle(order)
    return poolsOf(order, blocks, poolSessions)
  }
  const updatesIn = (pools: readonly (readonly number[])[]): number =>
    pools.reduce((sum, pool) => sum + updatesOf(pool), 0)
  return {
    updatesBefore: (epoch) => {
      let updates = 0
      for (let before = 1; before < epoch; before++) updates += updatesIn(poolsIn(before))
      return updates
    },
    plan: (epoch) => {
      const pools = poolsIn(epoch)
      return {
        pools: pools.length,
        updates: updatesIn(pools),
        pool: async (index) =>
          byUpdates(
            planTraining(knownEvents(await data.read(pools[index]!)), { ...options, epoch, pool: index }),
            accumulate,
          ),
      }
    },
  }
}

const byUpdates = (plan: BatchPlan, accumulate: number): PoolPlan => ({
  count: Math.ceil(plan.count / accumulate),
  batches: (update) => {
    const first = update * accumulate
    return Array.from({ length: Math.min(accumulate, plan.count - first) }, (_, at) => plan.batch(first + at))
  },
})

/** Blocks in their order, as many together as have no more sessions than a pool, one at least. */
function poolsOf(
  order: Int32Array,
  blocks: SessionSource['blocks'],
  poolSessions: number,
): readonly (readonly number[])[] {
  const pools: number[][] = []
  let sessions = Infinity
  for (const block of order) {
    sessions += blocks[block]!.sessions
    if (sessions > poolSessions) {
      pools.push([])
      sessions = blocks[block]!.sessions
    }
    pools.at(-1)!.push(block)
  }
  return pools
}

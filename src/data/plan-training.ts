import { UNKNOWN } from '../codes.ts'
import { EnsuiteError } from '../errors.ts'
import { checkNumber, checkOptions } from '../options.ts'
import { createRandom, type Random } from '../random.ts'
import type { BatchPlan, BatchRules } from './batches.ts'
import { cutBatches } from './cut-batches.ts'
import { epochRandom } from './epoch-random.ts'
import { causal, type Targets } from '../masking/index.ts'
import { fillBatch, windowLength } from './fill-batch.ts'
import { type Sessions, sessionsWhere } from './sessions.ts'

export interface TrainingOptions extends BatchRules {
  /** Inputs of a session at most: its latest `maxLength + 1` events are used. */
  readonly maxLength: number
  /** Sessions a batch, one optimizer step; the last batch of an epoch may have fewer. */
  readonly batchSize: number
  readonly seed: number
  /** From 0. Each epoch has an order of its own. */
  readonly epoch: number
  /**
   * 1 (default): sessions in random order. Above: inside random pools of `lengthPool · batchSize` sessions those of like
   * length share a batch, and the batches come in random order. Packs tighter, but a batch is less of a random sample.
   */
  readonly lengthPool?: number
  /** Which part of an epoch these sessions are, where it has several: each has an order of its own. Default 0. */
  readonly pool?: number
  /** Probability that an event is exchanged, with all its features, for another one of the batch; default 0. Labels stay. */
  readonly swapNoise?: number
}

const CAUSAL = causal()

/** Keeps the streams of the order of epochs apart from other uses of the same seed. */
const ORDER_STREAM = 0x6f720000
/** Keeps what a masking draws apart from the order. */
const MASKING_STREAM = 0x6d6b0000
/** Keeps the batches of an epoch apart. */
const BATCH_SEEDS = 2 ** 21
/** Keeps the seeds of the pools of an epoch apart. */
const POOL_SEEDS = 2 ** 32

/**
 * Batches of one epoch in which the event after each input is its label.
 *
 * What the masking draws differs in each epoch. A label is never `UNKNOWN`; sessions without any label are left out. The plan depends on its arguments only: a
 * resumed run gets the same batches. Throws `OPTION_INVALID`, `OPTION_UNKNOWN`, `SESSIONS_TOO_FEW`.
 */
export function planTraining(sessions: Sessions, options: TrainingOptions): BatchPlan {
  checkOptions('planTraining', options, [
    ...[
      'maxLength',
      'batchSize',
      'seed',
      'epoch',
      'lengthPool',
      'pool',
      'masking',
      'columns',
      'context',
      'times',
      'swapNoise',
    ],
  ])
  const {
    maxLength,
    batchSize,
    seed,
    epoch,
    lengthPool = 1,
    pool = 0,
    masking = CAUSAL,
    columns,
    context,
    times = false,
    swapNoise = 0,
  } = options
  checkNumber('maxLength of planTraining', maxLength, { integer: true, min: 1 })
  checkNumber('batchSize of planTraining', batchSize, { integer: true, min: 1 })
  checkNumber('epoch of planTraining', options.epoch, { integer: true, min: 0 })
  checkNumber('lengthPool of planTraining', lengthPool, { integer: true, min: 1 })
  const length = (index: number): number => windowLength(sessions, index, maxLength)
  const trains = (index: number): boolean => {
    const end = sessions.offsets[index + 1]!
    for (let event = end - length(index) + 1; event < end; event++)
      if (sessions.items[event] !== UNKNOWN) return true
    return false
  }
  const usable = sessionsWhere(sessions, trains)
  if (usable.length === 0) {
    throw new EnsuiteError(
      'SESSIONS_TOO_FEW',
      `Training needs sessions of 2 or more events with a known item after the first; none of the ${sessions.count} ` +
        `sessions has them. Give longer sessions, or lower minCount.`,
    )
  }
  const poolSeed = (seed + pool * POOL_SEEDS) % 2 ** 53
  const order = epochOrder(usable, length, {
    batchSize,
    lengthPool,
    random: epochRandom(poolSeed, ORDER_STREAM, epoch),
  })
  const start = epochRandom(poolSeed, MASKING_STREAM, epoch).next()
  return cutBatches(order, batchSize, (sessionIndices, index) => {
    const random = createRandom(start * BATCH_SEEDS + index)
    const drawn = (events: number): Targets => masking.targets('train', events, random)
    // A head of the whole session predicts a feature of its last event, which evaluating and recommending never show either.
    const hidesLast = masking.predicts === 'itself' && (columns?.sessions.length ?? 0) > 0
    const targetsOf = hidesLast ? (events: number): Targets => withLast(drawn(events), events) : drawn
    return fillBatch(sessions, {
      ...{ sessionIndices, maxLength, masking, targetsOf, times, training: true },
      ...(columns && { columns }),
      ...(context && { context }),
      ...(swapNoise > 0 && { swap: { probability: swapNoise, random } }),
    })
  })
}

/** These targets and the last event, predicted after all others; one event at least is shown. */
function withLast({ events: drawn, order }: Targets, events: number): Targets {
  const all = Array.from(drawn, (event, at) => ({ event, rank: order?.[at] ?? 1 }))
  const before = all.filter(({ event }) => event !== events - 1)
  const others = before.length < events - 1 ? before : before.slice(1)
  const last = others.reduce((most, { rank }) => Math.max(most, rank), 0) + 1
  return {
    events: Int32Array.from([...others.map(({ event }) => event), events - 1]),
    ...(order !== undefined && { order: Int32Array.from([...others.map(({ rank }) => rank), last]) }),
  }
}

function epochOrder(
  usable: Int32Array,
  length: (index: number) => number,
  {
    batchSize,
    lengthPool,
    random,
  }: { readonly batchSize: number; readonly lengthPool: number; readonly random: Random },
): Int32Array {
  const order = usable.slice()
  random.shuffle(order)
  if (lengthPool === 1) return order
  const pool = lengthPool * batchSize
  for (let start = 0; start < order.length; start += pool) {
    // The sort is stable: sessions of one length stay in random order.
    order.subarray(start, start + pool).sort((left, right) => length(left) - length(right))
  }
  // Whole batches change places; what is left over stays the last batch, so that cutting finds the same batches again.
  const whole = Math.floor(order.length / batchSize)
  const batches = Int32Array.from({ length: whole }, (_, index) => index)
  random.shuffle(batches)
  const shuffled = order.slice()
  for (const [place, batch] of batches.entries()) {
    shuffled.set(order.subarray(batch * batchSize, (batch + 1) * batchSize), place * batchSize)
  }
  return shuffled
}

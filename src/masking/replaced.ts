import {
  add,
  cast,
  constant,
  cumulativeSum,
  equal,
  gather,
  greater,
  less,
  minimum,
  mul,
  not,
  reshape,
  sizeOf,
  softmax,
  softplus,
  stopGradient,
  sub,
  sum,
  div,
  tanh,
  and,
  type Tensor,
} from '../graph/index.ts'
import { EnsuiteError } from '../errors.ts'
import { linear } from '../nn/index.ts'
import { checkChoice, checkNumber, checkOptions, refuseUseless, without } from '../options.ts'
import { biasOf } from './attention-bias.ts'
import { eachWithProbability, lastEvent } from './draw-targets.ts'
import type { AuxiliaryInputs, Masking } from './masking.ts'

export interface ReplacedOptions {
  /** Of an event to be replaced, in (0, 1); default 0.2. One event at least is, and one at least is not. */
  readonly probability?: number
  /** Whether any event may be replaced in training (the default), or the last one alone. */
  readonly trainOn?: 'all' | 'last'
  /**
   * What stands in for a replaced event. `batch` (the default): another event that was hidden in the batch, with all its features. `catalogue`: any item, at the
   * features of the event; it takes the scores of all items.
   */
  readonly sampleFrom?: 'batch' | 'catalogue'
  /** Whether the discriminator has the weights of the generator (`tied`, the default) or its own. */
  readonly discriminator?: 'tied' | 'separate'
  /** Weight of predicting the hidden events; default 1. */
  readonly generatorWeight?: number
  /** Weight of telling which events were replaced; default 1, the best on all data sets of de Souza Pereira Moreira et al. 2021. */
  readonly discriminatorWeight?: number
}

type Full = Required<ReplacedOptions>

/**
 * Replaced token detection (Clark et al., ELECTRA, 2020). A generator predicts hidden events as with `masked`; what it samples takes their places, and a discriminator
 * tells for every event whether it is the original. A sample that happens to be the original counts as one. Nothing is learnt through the sampling.
 * Evaluating and recommending go by the generator.
 *
 * Samples are drawn from the softmax of the generator's scores by inversion, with one random number a sample: the distribution of Gumbel's trick, which takes one a candidate.
 */
export function replaced(options: ReplacedOptions = {}): Masking<'replaced'> {
  checkOptions('masking.replaced', options, Object.keys(DEFAULTS))
  const full: Full = { ...DEFAULTS, ...options }
  checkNumber('masking.replaced: probability', full.probability, { above: 0, below: 1 })
  checkChoice('masking.replaced: trainOn', full.trainOn, ['all', 'last'])
  if (full.trainOn === 'last') refuseUseless('masking.replaced', options, ['probability'], "trainOn 'last'")
  checkChoice('masking.replaced: sampleFrom', full.sampleFrom, ['batch', 'catalogue'])
  checkChoice('masking.replaced: discriminator', full.discriminator, ['tied', 'separate'])
  checkNumber('masking.replaced: generatorWeight', full.generatorWeight, { min: 0 })
  checkNumber('masking.replaced: discriminatorWeight', full.discriminatorWeight, { min: 0 })
  if (full.generatorWeight === 0 && full.discriminatorWeight === 0)
    throw new EnsuiteError(
      'OPTION_INVALID',
      'masking.replaced: generatorWeight and discriminatorWeight are both 0, so nothing is learnt. Raise one of them.',
    )
  if (full.discriminatorWeight === 0)
    refuseUseless('masking.replaced', options, ['discriminator', 'sampleFrom'], 'discriminatorWeight 0')
  return Object.freeze<Masking<'replaced'>>({
    kind: 'replaced',
    options: without(full, [
      ...(full.trainOn === 'last' ? ['probability'] : []),
      ...(full.discriminatorWeight === 0 ? ['discriminator', 'sampleFrom'] : []),
    ]),
    predicts: 'itself',
    readsTargets: true,
    targets: (mode, events, random) =>
      mode === 'evaluate' || full.trainOn === 'last'
        ? lastEvent(events)
        : { events: eachWithProbability(events, full.probability, random) },
    attention: ({ segments }) => ({ bias: biasOf(segments) }),
    auxiliary: {
      weight: full.generatorWeight,
      loss: (inputs) => mul(discriminatorLoss(inputs, full), full.discriminatorWeight),
      ...(full.discriminator === 'separate' && { ownBlock: DISCRIMINATOR }),
    },
  })
}

const DEFAULTS: Full = {
  probability: 0.2,
  trainOn: 'all',
  sampleFrom: 'batch',
  discriminator: 'tied',
  generatorWeight: 1,
  discriminatorWeight: 1,
}

const DISCRIMINATOR = 'discriminator'

function discriminatorLoss(inputs: AuxiliaryInputs, { sampleFrom, discriminator }: Full): Tensor {
  const { scope, segments, order, labelItems, labelAt } = inputs
  const sampled =
    sampleFrom === 'batch'
      ? sample(inputs.scoresOf(labelItems), scope.uniform(['labels', 1]))
      : sample(inputs.scores(), scope.uniform(['labels', 1]))
  const items =
    sampleFrom === 'batch'
      ? gather(labelItems, sampled)
      : add(sampled, constant(inputs.reserved, [], 'int32'))
  const x = sampleFrom === 'batch' ? inputs.exchangedEvents(sampled) : inputs.exchangedItems(items)
  const own = scope.child(DISCRIMINATOR)
  const hidden = inputs.encode(x, discriminator === 'tied' ? undefined : own)
  const width = hidden.shape.at(-1) as number
  const scores = linear(own.child('out'), tanh(linear(own.child('dense'), hidden, width)), 1)
  const isOther = not(equal(items, labelItems))
  const isReplaced = cast(and(greater(order, 0), gather(isOther, labelAt)), 'float32')
  const z = reshape(scores, segments.shape)
  const isEvent = cast(greater(segments, 0), 'float32')
  // −log σ(z) of what was replaced, −log(1 − σ(z)) of what was not.
  return div(sum(mul(isEvent, sub(softplus(z), mul(isReplaced, z)))), sum(isEvent))
}

/** Draws a column from the softmax of each row: scores [n, candidates], uniform [n, 1] in [0, 1) → [n] int32. */
export function sample(scores: Tensor, uniform: Tensor): Tensor {
  const before = cast(less(cumulativeSum(softmax(stopGradient(scores)), { axis: 1 }), uniform), 'float32')
  // The running sum may end a little below 1.
  return cast(minimum(sum(before, { axes: [1] }), sub(sizeOf([scores.shape[1]!]), 1)), 'int32')
}

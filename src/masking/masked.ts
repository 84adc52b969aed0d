import { checkChoice, checkNumber, checkOptions, refuseUseless, without } from '../options.ts'
import { biasOf } from './attention-bias.ts'
import { eachWithProbability, lastEvent } from './draw-targets.ts'
import type { Masking } from './masking.ts'

export interface MaskedOptions {
  /** Of an event to be hidden and predicted, in (0, 1); default 0.2. One event at least is hidden, and one at least is not. */
  readonly probability?: number
  /** Whether any event may be hidden in training (the default), or the last one alone. */
  readonly trainOn?: 'all' | 'last'
}

/**
 * Some events are hidden, and predicted from all others, before and after them (Devlin et al. 2019; on items Sun et al., BERT4Rec, 2019).
 * Recommending appends a hidden event. Differs from BERT: what is hidden always is, there is no share of it that stays or is exchanged.
 */
export function masked(options: MaskedOptions = {}): Masking<'masked'> {
  checkOptions('masking.masked', options, ['probability', 'trainOn'])
  const full = { probability: 0.2, trainOn: 'all' as const, ...options }
  checkNumber('masking.masked: probability', full.probability, { above: 0, below: 1 })
  checkChoice('masking.masked: trainOn', full.trainOn, ['all', 'last'])
  if (full.trainOn === 'last') refuseUseless('masking.masked', options, ['probability'], "trainOn 'last'")
  return Object.freeze<Masking<'masked'>>({
    kind: 'masked',
    options: full.trainOn === 'last' ? without(full, ['probability']) : full,
    predicts: 'itself',
    readsTargets: false,
    targets: (mode, events, random) =>
      mode === 'evaluate' || full.trainOn === 'last'
        ? lastEvent(events)
        : { events: eachWithProbability(events, full.probability, random) },
    attention: ({ segments }) => ({ bias: biasOf(segments) }),
  })
}

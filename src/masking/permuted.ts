import { and, or } from '../graph/index.ts'
import { checkBoolean, checkChoice, checkNumber, checkOptions, refuseUseless, without } from '../options.ts'
import { biasOf, isItself, isPredictedBefore, sameSession } from './attention-bias.ts'
import { allButOne, lastEvent, randomOrder, spans } from './draw-targets.ts'
import type { Masking } from './masking.ts'

export interface PermutedOptions {
  /** Share of the events that are targets, in (0, 1); default 1/6. */
  readonly probability?: number
  /** Longest span of neighbours that are targets together; default 5. */
  readonly maxSpan?: number
  /** Whether all events but one, drawn at random, are targets; default false. The one that is shown gives the first target something to go by. */
  readonly permuteAll?: boolean
  /** Whether any event may be a target in training (the default), or the last one alone. */
  readonly trainOn?: 'all' | 'last'
}

/**
 * Permutation language modelling (Yang et al., XLNet, 2019): spans of events are predicted in a random order, each from all events that are no targets and
 * from the targets that come before it in that order. The block needs two streams: one sees what the events are, the other predicts them.
 * Recommending appends a target.
 */
export function permuted(options: PermutedOptions = {}): Masking<'permuted'> {
  checkOptions('masking.permuted', options, ['probability', 'maxSpan', 'permuteAll', 'trainOn'])
  const full = { probability: 1 / 6, maxSpan: 5, permuteAll: false, trainOn: 'all' as const, ...options }
  checkNumber('masking.permuted: probability', full.probability, { above: 0, below: 1 })
  checkNumber('masking.permuted: maxSpan', full.maxSpan, { integer: true, min: 1, max: 1000 })
  checkBoolean('masking.permuted: permuteAll', full.permuteAll)
  checkChoice('masking.permuted: trainOn', full.trainOn, ['all', 'last'])
  const drawn = ['probability', 'maxSpan']
  if (full.trainOn === 'last')
    refuseUseless('masking.permuted', options, [...drawn, 'permuteAll'], "trainOn 'last'")
  if (full.permuteAll) refuseUseless('masking.permuted', options, drawn, 'permuteAll')
  const useless = full.trainOn === 'last' ? [...drawn, 'permuteAll'] : full.permuteAll ? drawn : []
  return Object.freeze<Masking<'permuted'>>({
    kind: 'permuted',
    options: without(full, useless),
    predicts: 'itself',
    readsTargets: true,
    targets: (mode, events, random) => {
      if (mode === 'evaluate' || full.trainOn === 'last') return lastEvent(events)
      const chosen = full.permuteAll ? allButOne(events, random) : spans(events, full, random)
      return { events: chosen, order: randomOrder(chosen.length, random) }
    },
    attention: ({ segments, order }) => {
      const seen = and(sameSession(segments), isPredictedBefore(order!))
      return {
        bias: biasOf(segments, or(seen, isItself(segments))),
        query: biasOf(segments, seen),
      }
    },
  })
}

import { and } from '../graph/index.ts'
import { checkChoice, checkOptions } from '../options.ts'
import { biasOf, isPast, sameSession } from './attention-bias.ts'
import { lastEvent } from './draw-targets.ts'
import type { Masking } from './masking.ts'

export interface CausalOptions {
  /** Whether every event is predicted from those before it (the default), or the last one alone. */
  readonly trainOn?: 'all' | 'last'
}

/** Each event is predicted from those before it in its session. */
export function causal(options: CausalOptions = {}): Masking<'causal'> {
  checkOptions('masking.causal', options, ['trainOn'])
  const full = { trainOn: 'all' as const, ...options }
  checkChoice('masking.causal: trainOn', full.trainOn, ['all', 'last'])
  return Object.freeze<Masking<'causal'>>({
    kind: 'causal',
    options: full,
    predicts: 'next',
    readsTargets: true,
    targets: (mode, events) =>
      mode === 'evaluate' || full.trainOn === 'last'
        ? lastEvent(events)
        : { events: Int32Array.from({ length: events - 1 }, (_, at) => at + 1) },
    attention: ({ segments }) => ({ bias: biasOf(segments, and(sameSession(segments), isPast(segments))) }),
  })
}

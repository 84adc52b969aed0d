import { RESERVED } from '../codes.ts'
import { timesOf } from '../data/sessions.ts'
import { baseline, type Baseline } from './baseline.ts'
import { addDecayed, logWorth } from './decayed-sum.ts'
import { itemCounts, levels } from './item-counts.ts'
import { settledOptions } from './settled-options.ts'

export interface RecentPopularityOptions {
  /** After so long an event counts half, in milliseconds; default a day. */
  readonly halfLifeMs?: number
}

const DEFAULTS: Required<RecentPopularityOptions> = { halfLifeMs: 86_400_000 }

/**
 * Items in the order of their events of late, each of which counts half as much after `halfLifeMs`; those that never occurred come last.
 * Ji, Sun, Zhang and Li, "A re-visit of the popularity baseline in recommender systems", SIGIR 2020, on why popularity has to be that of the moment; the half-life in place of their window is ours.
 *
 * An event is as old as the first of its session: one that stays open for days is not more recent than all others. Times are taken at their word: items of a session
 * that is stamped with the future stay first until then. They are milliseconds. Scores are levels (see `levels`). `fit` throws `OPTION_INVALID` for sessions without times.
 */
export function recentPopularity(options: RecentPopularityOptions = {}): Baseline {
  const { halfLifeMs } = settledOptions('recentPopularity', options, DEFAULTS)
  return baseline({ kind: 'recent-popularity', options: { halfLifeMs } }, (items) => {
    const sums = Array.from({ length: items }, (): readonly [number, number] => [0, 0])
    let origin: number | undefined
    let order: Float32Array = new Float32Array(items)
    return {
      update: (sessions) => {
        const times = timesOf(sessions, 'The baseline recent-popularity')
        itemCounts(sessions, items)
        for (let session = 0; session < sessions.count; session++) {
          const [start, end] = [sessions.offsets[session]!, sessions.offsets[session + 1]!]
          for (const code of sessions.items.subarray(start, end)) {
            if (code < RESERVED) continue
            const time = times[start]!
            origin ??= time
            sums[code - RESERVED] = addDecayed(sums[code - RESERVED]!, [1, time], halfLifeMs)
          }
        }
        order = levels(Float64Array.from(sums, (sum) => logWorth(sum, origin ?? 0, halfLifeMs)))
      },
      score: (_, row) => row.set(order),
    }
  })
}

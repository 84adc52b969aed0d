import { timesOf } from '../sessions.ts'
import { byShares, shareOptions, type Shares } from './by-shares.ts'
import { splitKind } from './split-kind.ts'

/**
 * Whole sessions by the time of their last event (ties by their order): the latest test, those before validate. No training event is later than a target, and none of
 * validation later than one of the test. What a session that goes on behind the cut held before it does not train either.
 */
export const time = splitKind<'time', Shares>({
  kind: 'time',
  summary: 'whole sessions by their last event: the latest test, those before validate',
  options: shareOptions,
  divide: (sessions, shares) => {
    const { count, offsets } = sessions
    const times = timesOf(sessions, 'A split by time')
    const last = (index: number): number => times[offsets[index + 1]! - 1]!
    const order = Int32Array.from({ length: count }, (_, index) => index).sort(
      (left, right) => last(left) - last(right) || left - right,
    )
    return byShares(sessions, order, shares)
  },
})

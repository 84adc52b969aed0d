import { timeLeak } from '../data/time-leak.ts'
import { counted, type LeakCheck } from './leakage-input.ts'

/** Splits that train on what comes after their targets. */
export const FILLS_GAPS: readonly string[] = ['leave-one-out', 'random']

/** Training events that are later than the first target; see `timeLeak`. */
export const futureEvents: LeakCheck = (input) => {
  const { train, validation, test, split } = input
  if ([train, validation, test].some(({ times }) => times === undefined)) return []
  const { leaks, share, trainingEvents } = timeLeak(input)
  if (!leaks) return []
  const byDesign = split !== undefined && FILLS_GAPS.includes(split)
  return [
    {
      kind: 'future-events',
      severity: byDesign ? 'by-design' : 'error',
      count: Math.round(share * trainingEvents),
      examples: [],
      message:
        `${counted(Math.round(share * trainingEvents), 'training event')} (${(100 * share).toFixed(1)} %) later than the first target: the model learns from what it is asked to foretell. ` +
        (byDesign
          ? `A ${split} split fills gaps; its figures are higher than those of the days to come. --split time trains on the past alone.`
          : 'Divide by time, whole sessions by their last events (--split time) or events by two instants (--split cut).'),
    },
  ]
}

import { checkNumber } from '../options.ts'
import type { TrainingStart } from '../train/index.ts'

/** Updates that a run of known length tells of, where nothing is said. */
const ABOUT = 2000
const OTHERWISE = 10

/** Which updates are written down: every so many, by default so that a run has about two thousand, and every tenth where its length is not known before. */
export function sampledUpdates(
  { updates }: Pick<TrainingStart, 'updates'>,
  every: number | undefined,
): (update: number) => boolean {
  const step = every ?? (updates === undefined ? OTHERWISE : Math.max(1, Math.ceil(updates / ABOUT)))
  return (update) => update === 1 || update % step === 0
}

/** Throws `OPTION_INVALID`. */
export function checkUpdatesEvery(where: string, every: number | undefined): void {
  if (every !== undefined) checkNumber(`${where}: updatesEvery`, every, { integer: true, min: 1 })
}

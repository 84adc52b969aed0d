import { processStat } from './process-stat.ts'

/** The clock of the machine may be set a little meanwhile, and starts are written down in whole seconds. */
const SAME_START_SECONDS = 2

/**
 * When this process started, in seconds since 1970, as other processes see it: one that a shell became (`exec`) is older than Node knows.
 * Taken once, so that it stays the same where the clock is set.
 */
export const ownStartSeconds: number =
  processStat('self')?.startSeconds ?? Date.now() / 1000 - process.uptime()

/**
 * Whether a process of this machine lives. With `startSeconds`, whether it is still the one that started then: numbers are given again,
 * and in a container every run may have the same. Where the system does not say when a process started, its number alone counts.
 */
export function isAlive(id: number, startSeconds?: number): boolean {
  const isSame = (start: number | undefined): boolean =>
    start === undefined || startSeconds === undefined || Math.abs(start - startSeconds) <= SAME_START_SECONDS
  if (id === process.pid) return isSame(ownStartSeconds)
  try {
    process.kill(id, 0) // sends nothing
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false
  }
  const stat = processStat(id)
  if (stat === undefined) return true
  // A zombie has ended, and where nobody asks for its end it stays for ever: the first process of a container often does not.
  return stat.state !== 'Z' && stat.state !== 'X' && isSame(stat.startSeconds)
}

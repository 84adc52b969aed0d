import { type Sessions, timesOf } from '../data/sessions.ts'

const DAY_MS = 86_400_000

/** e^(−distance ÷ decay), or 1 whatever the distance. */
export const fallingBy = (decay: number | false): ((distance: number) => number) =>
  decay === false ? () => 1 : (distance) => Math.exp(-distance / decay)

/** How a session's weight falls with its age in milliseconds, and what refuses sessions without times where it does. */
export function sessionAge(
  kind: string,
  decayDays: number | false,
): { readonly ofAge: (age: number) => number; readonly checkTimes: (sessions: Sessions) => void } {
  if (decayDays === false) return { ofAge: () => 1, checkTimes: () => undefined }
  return {
    ofAge: fallingBy(decayDays * DAY_MS),
    checkTimes: (sessions) => void timesOf(sessions, `The baseline ${kind}, unless its decayDays is false,`),
  }
}

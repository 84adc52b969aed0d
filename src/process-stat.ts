import { readFileSync } from 'node:fs'

export interface ProcessStat {
  /** One letter: `R` runs, `S` sleeps, `Z` has ended and waits for its parent to ask. */
  readonly state: string
  /** In seconds since 1970. Undefined where the system does not say. */
  readonly startSeconds: number | undefined
}

/** What Linux says of a process. Undefined elsewhere, for a process that is not there, and where it may not be looked at. */
export function processStat(id: number | 'self'): ProcessStat | undefined {
  try {
    return parseProcessStat(readFileSync(`/proc/${id}/stat`, 'utf8'), readFileSync('/proc/stat', 'utf8'))
  } catch {
    return undefined
  }
}

/** Ticks a second: what Linux shows to programs, whatever the kernel counts in. */
const TICKS = 100
/** Where the two fields are after the command, which is the second field of all. */
const STATE = 0
const START = 22 - 3

/** From the texts of `/proc/<process>/stat` and `/proc/stat`. Undefined for a text that is something else. */
export function parseProcessStat(stat: string, system: string): ProcessStat | undefined {
  // The command may hold spaces, parentheses and line ends; what follows the last parenthesis holds none.
  const end = stat.lastIndexOf(')')
  const fields =
    end === -1
      ? []
      : stat
          .slice(end + 1)
          .trim()
          .split(/\s+/)
  const state = fields[STATE] ?? ''
  if (!/^[A-Za-z]$/.test(state)) return undefined
  const ticks = Number(fields[START])
  const boot = Number(/^btime (\d+)$/m.exec(system)?.[1])
  // Sandboxes that only play Linux say 0.
  return { state, startSeconds: ticks > 0 && boot > 0 ? boot + ticks / TICKS : undefined }
}

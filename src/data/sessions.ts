import { EnsuiteError } from '../errors.ts'
import { checkGiven } from '../options.ts'
import type { Sessions } from '../workflow/sessions.ts'

export type { Sessions } from '../workflow/sessions.ts'

/** Throws `OPTION_INVALID` for what are no sessions in memory. */
export function checkSessions(where: string, sessions: unknown): void {
  const { offsets, items } = Object(sessions) as Partial<Sessions>
  checkGiven(where, sessions, {
    what: 'sessions in memory, as a workflow, splitSessions and fitSplit give them',
    isGood: offsets instanceof Int32Array && items instanceof Int32Array,
  })
}

/** The sessions at `indices`, in that order, whole. */
export function selectSessions(sessions: Sessions, indices: Int32Array): Sessions {
  return sliceSessions(sessions, indices, { dropLast: () => 0 })
}

/** The sessions at `indices`, in that order, each without its last `dropLast(index)` events; it may become empty. */
export function sliceSessions(
  sessions: Sessions,
  indices: Int32Array,
  { dropLast }: { readonly dropLast: (index: number) => number },
): Sessions {
  const offsets = new Int32Array(indices.length + 1)
  for (const [place, index] of indices.entries()) {
    offsets[place + 1] = offsets[place]! + Math.max(0, sessionLength(sessions, index) - dropLast(index))
  }
  const gather = <Column extends Int32Array | Float32Array | Float64Array>(
    from: Column,
    to: Column,
  ): Column => {
    for (const [place, index] of indices.entries()) {
      const start = sessions.offsets[index]!
      to.set(from.subarray(start, start + offsets[place + 1]! - offsets[place]!), offsets[place])
    }
    return to
  }
  const events = offsets[indices.length]!
  const { items, categorical, continuous, times, ids } = sessions
  return {
    count: indices.length,
    offsets,
    items: gather(items, new Int32Array(events)),
    categorical: Object.fromEntries(
      Object.entries(categorical).map(([name, codes]) => [name, gather(codes, new Int32Array(events))]),
    ),
    continuous: Object.fromEntries(
      Object.entries(continuous).map(([name, values]) => [name, gather(values, new Float32Array(events))]),
    ),
    ...(times === undefined ? {} : { times: gather(times, new Float64Array(events)) }),
    ids: Array.from(indices, (index) => ids[index]!),
  }
}

/** Number of events of session `index`. */
export function sessionLength(sessions: Sessions, index: number): number {
  return sessions.offsets[index + 1]! - sessions.offsets[index]!
}

/** The times of the events. Throws `OPTION_INVALID`, naming `what` needs them, where there are none. */
export function timesOf({ times }: Sessions, what: string): Float64Array {
  if (times !== undefined) return times
  throw new EnsuiteError(
    'OPTION_INVALID',
    `${what} needs sessions with times; these have none. Name the time column in the workflow (time, or --time on the command line); where a split asks, another kind of split does without.`,
  )
}

/** The indices of the sessions that `keep` says yes to, ascending. */
export function sessionsWhere(sessions: Sessions, keep: (index: number) => boolean): Int32Array {
  const kept = new Int32Array(sessions.count)
  let count = 0
  for (let index = 0; index < sessions.count; index++) if (keep(index)) kept[count++] = index
  return kept.slice(0, count)
}

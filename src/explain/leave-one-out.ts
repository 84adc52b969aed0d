import type { Served } from '../artifact/index.ts'
import type { Program } from '../graph/index.ts'
import { scoreRows } from '../recommend/score-rows.ts'
import type { SessionRow } from '../recommend/session-row.ts'
import type { Event } from '../workflow/event-values.ts'
import type { ReadSession } from './read-session.ts'

/** What explaining finds: the score, and what each event, by its place among those given, does to it. */
export interface Effects {
  readonly score: number
  readonly effects: ReadonlyMap<number, number>
}

/** The score less that of the session without an event, encoded anew, so that features of the others count too. Where nothing known would be left, the whole score is the event's. */
export async function leaveOneOut(
  program: Program,
  given: {
    readonly events: readonly Event[]
    readonly session: ReadSession
    readonly read: (events: readonly Event[]) => ReadSession | undefined
    readonly column: number
    readonly served: Served
  },
): Promise<Effects> {
  const { events, session, read, column, served } = given
  const without = events.map((_, event) => read(events.toSpliced(event, 1)))
  const rows = [session, ...without].flatMap((each) => each ?? []).map(rowOf(column))
  const scored = (await scoreRows(program, rows, { served, added: new Float32Array(0) })).map(
    ({ scoresOf }) => scoresOf![0]!,
  )
  const [score, ...others] = scored as [number, ...number[]]
  return {
    score,
    effects: new Map(
      without.map((each, event) => [event, each === undefined ? score : score - others.shift()!]),
    ),
  }
}

export const rowOf =
  (column: number) =>
  ({ inputs }: ReadSession): SessionRow => ({
    inputs,
    excluded: new Int32Array(0),
    k: 0,
    scoresOf: Int32Array.of(column),
  })

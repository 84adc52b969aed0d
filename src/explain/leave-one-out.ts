import type { SessionRow } from '../recommend/session-row.ts'
import type { Event } from '../workflow/event-values.ts'
import type { Scoring } from './open-scoring.ts'
import type { ReadSession } from './read-session.ts'

/** What explaining finds: the score, and what each event, by its place among those given, does to it. */
export interface Effects {
  readonly score: number
  readonly effects: ReadonlyMap<number, number>
}

/** The score less that of the session without an event, encoded anew, so that features of the others count too. Where nothing known would be left, the whole score is the event's. */
export async function leaveOneOut(
  { score: scoreAll }: Pick<Scoring, 'score'>,
  given: {
    readonly events: readonly Event[]
    readonly session: ReadSession
    readonly read: (events: readonly Event[]) => ReadSession | undefined
    readonly column: number
  },
): Promise<Effects> {
  const { events, session, read, column } = given
  const without = events.map((_, event) => read(events.toSpliced(event, 1)))
  const rows = [session, ...without].flatMap((each) => each ?? []).map(rowOf(column))
  const scored = (await scoreAll(rows)).map(({ scoresOf }) => scoresOf![0]!)
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

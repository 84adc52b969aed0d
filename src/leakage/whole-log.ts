import { sessionLength, type Sessions } from '../data/sessions.ts'
import type { LeakageInput } from './leakage-input.ts'

/** All events of a log, each once, as parts and ranges: of a session that is in several parts the longest one counts, as it holds the others. */
export function wholeLog({ train, validation, test }: LeakageInput): readonly Span[] {
  const spans = new Map<string, Span>()
  for (const [place, sessions] of [train, validation, test].entries())
    for (let session = 0; session < sessions.count; session++) {
      const id = sessions.ids.length === sessions.count ? sessions.ids[session]! : `${place} ${session}`
      const known = spans.get(id)
      if (
        known === undefined ||
        sessionLength(known.sessions, known.session) < sessionLength(sessions, session)
      )
        spans.set(id, { sessions, session })
    }
  return [...spans.values()]
}

export interface Span {
  readonly sessions: Sessions
  readonly session: number
}

/** Calls `visit` with each event of the spans. */
export function eachEvent(
  spans: readonly Span[],
  visit: (event: number, sessions: Sessions, session: number) => void,
): void {
  for (const { sessions, session } of spans)
    for (let event = sessions.offsets[session]!; event < sessions.offsets[session + 1]!; event++)
      visit(event, sessions, session)
}

export const spansOf = (sessions: Sessions): readonly Span[] =>
  Array.from({ length: sessions.count }, (_, session) => ({ sessions, session }))

/** At most `most` of the list, evenly spread over it. */
export function spread<Value>(values: readonly Value[], most: number): readonly Value[] {
  if (values.length <= most) return values
  return Array.from({ length: most }, (_, at) => values[Math.floor((at * values.length) / most)]!)
}

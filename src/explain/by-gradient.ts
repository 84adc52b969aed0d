import type { Program } from '../graph/index.ts'
import type { Definition } from '../workflow/definition.ts'
import { inOrderOfTimes } from '../workflow/encode-session.ts'
import type { Event } from '../workflow/event-values.ts'
import { removalsByGradient } from './gradient.ts'
import { rowOf, type Effects } from './leave-one-out.ts'
import type { Scoring } from './open-scoring.ts'
import type { ReadSession } from './read-session.ts'

/** The effects of the events that the model reads, from gradients on the way from the session without the last of them to that without the first. */
export async function byGradient(
  { scoring, gradient }: { readonly scoring: Pick<Scoring, 'score'>; readonly gradient: Program },
  given: {
    readonly events: readonly Event[]
    readonly session: ReadSession
    readonly read: (events: readonly Event[]) => ReadSession | undefined
    readonly column: number
    readonly steps: number
    readonly definition: Definition
  },
): Promise<Effects> {
  const { events, session, read, column, steps, definition } = given
  const [scored] = await scoring.score([rowOf(column)(session)])
  const score = scored!.scoresOf![0]!
  const [first, last] = [session.events[0]!, session.events.at(-1)!]
  const without = (event: number): ReadSession | undefined => {
    const left = read(events.toSpliced(event, 1))
    // Those behind it are counted as in the whole session.
    return left && { ...left, events: left.events.map((own) => (own < event ? own : own + 1)) }
  }
  const [start, end] = [without(last), without(first)]
  if (start === undefined || end === undefined) return { score, effects: new Map([[last, score]]) }
  // The model reads events in the order of their times, which need not be the order given.
  const turns = new Map(inOrderOfTimes(events, definition).map((event, turn) => [event, turn]))
  const removals = await removalsByGradient(gradient, {
    start,
    end,
    events: session.events,
    before: (event, other) => turns.get(event)! < turns.get(other)!,
    column,
    steps,
  })
  return { score, effects: new Map([...removals].map(([event, without]) => [event, score - without])) }
}

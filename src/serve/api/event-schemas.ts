import { Type } from 'typebox'
import { closed, Id, idRules, Item, Values } from './values.ts'

/** Events of one request at most. */
export const MOST_EVENTS = 10_000
/** Events of a session that a request may bring along, and that an answer lists. */
export const MOST_SESSION_EVENTS = 1_000

const eventRules = {
  ...closed,
  description:
    'values are by the columns that the workflow reads, other than that of the item. The column of the time tells when it happened, as ISO text or as a number in the unit of the events that were trained on',
} as const

export const SessionEvent = Type.Object(
  { item: Item, values: Type.Optional(Values) },
  { ...eventRules, title: 'SessionEvent' },
)

export const eventSchemas = {
  sendEvents: {
    body: Type.Object(
      {
        events: Type.Array(
          Type.Object(
            {
              id: Type.String({
                ...idRules,
                description: 'An event is taken once by its id and session: send it again when in doubt',
              }),
              session: Id,
              item: Item,
              values: Type.Optional(Values),
            },
            eventRules,
          ),
          { minItems: 1, maxItems: MOST_EVENTS, description: 'In the order in which they happened' },
        ),
      },
      closed,
    ),
    answer: Type.Object(
      {
        accepted: Type.Integer({ minimum: 0 }),
        known: Type.Integer({ minimum: 0, description: 'Events that had been taken before' }),
      },
      closed,
    ),
  },
  readSession: {
    params: Type.Object({ session: Id }, closed),
    answer: Type.Object(
      { session: Id, events: Type.Array(SessionEvent, { maxItems: MOST_SESSION_EVENTS }) },
      closed,
    ),
  },
  removeSession: {
    params: Type.Object({ session: Id }, closed),
    answer: Type.Object({ removed: Type.Boolean() }, closed),
  },
} as const

import { Type } from 'typebox'
import { SessionEvent } from './event-schemas.ts'
import { Digest } from './recommend-schemas.ts'
import { closed, Id, Item, Name } from './values.ts'

/** Events of an explanation at most: leaving each out scores the session so often, and encodes it so often, too. */
export const MOST_EXPLAINED_EVENTS = 200

const Method = Type.Union([Type.Literal('leave-one-out'), Type.Literal('gradient')])

export const explainSchemas = {
  explain: {
    body: Type.Object(
      {
        item: Item,
        session: Type.Optional(Id),
        events: Type.Optional(Type.Array(SessionEvent, { maxItems: MOST_EXPLAINED_EVENTS })),
        method: Type.Optional(Method),
        model: Type.Optional(Name),
      },
      {
        ...closed,
        description: `Of a session that events were sent of, its latest ${MOST_EXPLAINED_EVENTS}, or of the events given here (then the session only says which model answers). At least one of the two.`,
        anyOf: [{ required: ['session'] }, { required: ['events'] }],
      },
    ),
    answer: Type.Object(
      {
        item: Item,
        method: Method,
        score: Type.Number({ description: "The model's, before any rule" }),
        events: Type.Array(
          Type.Object(
            {
              event: Type.Integer({ description: 'Its place among the events, from 0' }),
              item: Item,
              effect: Type.Number({ description: 'What it does to the score' }),
              share: Type.Number({ description: 'Of all effects without their signs' }),
            },
            closed,
          ),
        ),
        model: Name,
        digest: Digest,
      },
      closed,
    ),
  },
} as const

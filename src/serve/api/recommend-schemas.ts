import { Type } from 'typebox'
import { MOST_SESSION_EVENTS, SessionEvent } from './event-schemas.ts'
import { closed, Id, Item, Name, Weight } from './values.ts'

/** Items of one answer at most. */
export const MOST_ITEMS = 500

export const Digest = Type.String({ description: 'SHA-256 of the manifest of the artifact' })

const ScoredItems = Type.Array(Type.Object({ item: Item, score: Type.Number() }, closed))

export const recommendSchemas = {
  recommend: {
    body: Type.Object(
      {
        session: Type.Optional(Id),
        events: Type.Optional(Type.Array(SessionEvent, { maxItems: MOST_SESSION_EVENTS })),
        k: Type.Optional(Type.Integer({ minimum: 1, maximum: MOST_ITEMS })),
        excludeSeen: Type.Optional(Type.Boolean()),
        model: Type.Optional(Name),
      },
      {
        ...closed,
        description:
          'Of a session that events were sent of, or of the events given here (then the session only says which model answers). At least one of the two.',
        anyOf: [{ required: ['session'] }, { required: ['events'] }],
      },
    ),
    answer: Type.Object(
      {
        items: ScoredItems,
        unknown: Type.Array(Type.String(), {
          description: 'Items of the session that the model does not know; they were skipped',
        }),
        predictions: Type.Optional(
          Type.Record(Type.String(), Type.Union([Type.Number(), Type.Record(Type.String(), Type.Number())])),
        ),
        fallback: Type.Optional(Type.Literal('popularity')),
        model: Name,
        digest: Digest,
      },
      closed,
    ),
  },
  listModels: {
    answer: Type.Object(
      {
        models: Type.Array(
          Type.Object(
            {
              name: Name,
              digest: Digest,
              weight: Weight,
              items: Type.Integer(),
              maxLength: Type.Integer(),
              itemColumn: Type.String(),
              columns: Type.Array(Type.String()),
              heads: Type.Array(Type.String()),
            },
            closed,
          ),
        ),
      },
      closed,
    ),
  },
} as const

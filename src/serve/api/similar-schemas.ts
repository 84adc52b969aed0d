import { Type } from 'typebox'
import { MOST_SESSION_EVENTS, SessionEvent } from './event-schemas.ts'
import { Digest, MOST_ITEMS } from './recommend-schemas.ts'
import { closed, Id, Item, Name } from './values.ts'

export const similarSchemas = {
  similar: {
    body: Type.Object(
      {
        item: Type.Optional(Item),
        session: Type.Optional(Id),
        events: Type.Optional(Type.Array(SessionEvent, { maxItems: MOST_SESSION_EVENTS })),
        k: Type.Optional(Type.Integer({ minimum: 1, maximum: MOST_ITEMS })),
        model: Type.Optional(Name),
        filter: Type.Optional(
          Type.Unsafe<object>({
            type: 'object',
            description:
              'See docs/vector-stores.md; over the attributes of the catalogue, of the vector store, or of both beside each other in all',
          }),
        ),
      },
      {
        ...closed,
        description:
          'Of an item, of a session that events were sent of, or of the events given here: one of item and events, or session; beside one of these session only says which model answers.',
        anyOf: [{ required: ['item'] }, { required: ['session'] }, { required: ['events'] }],
      },
    ),
    answer: Type.Object(
      {
        items: Type.Array(
          Type.Object(
            {
              item: Item,
              score: Type.Number(),
              source: Type.Union([Type.Literal('store'), Type.Literal('model'), Type.Literal('popular')], {
                description:
                  'Who answered: the vector store, the own vectors of the model, or what is popular where neither knows what is asked of',
              }),
            },
            closed,
          ),
        ),
        fallback: Type.Optional(Type.Literal('popularity')),
        model: Name,
        digest: Digest,
      },
      closed,
    ),
  },
} as const

import { Type } from 'typebox'
import { closed, Item, Values } from './values.ts'

/** Unknown items of a request that its answer names at most. */
export const MOST_UNKNOWN = 100

/** Items of one request at most. */
export const MOST_CATALOGUE_ITEMS = 10_000

const Time = Type.Number({ description: 'Milliseconds since 1970', minimum: -8.64e15, maximum: 8.64e15 })
const Text = Type.String({ maxLength: 1000 })

/** null: as if it were not given. */
const TakenBack = Type.Union([Time, Type.Null()], {
  description:
    'null takes it back. from is before until: it is recommended from the one on and before the other',
})

const state = {
  item: Item,
  attributes: Type.Optional(
    Type.Record(
      Type.String({ minLength: 1, maxLength: 64 }),
      Type.Union([Text, Type.Number(), Type.Boolean(), Type.Array(Text, { maxItems: 100 }), Type.Null()]),
      { maxProperties: 100 },
    ),
  ),
  available: Type.Optional(Type.Boolean()),
  from: Type.Optional(TakenBack),
  until: Type.Optional(TakenBack),
  added: Type.Optional(TakenBack),
}
/** What models with content make the embedding of a new item of. */
const content = {
  columns: Type.Optional(Values),
  vectors: Type.Optional(
    Type.Record(
      Type.String({ minLength: 1, maxLength: 128 }),
      Type.Array(Type.Number(), { maxItems: 65_536 }),
      { maxProperties: 16 },
    ),
  ),
}

const many = { minItems: 1, maxItems: MOST_CATALOGUE_ITEMS }
const size = Type.Integer({ description: 'Items of the catalogue' })
const Size = Type.Object({ size }, closed)
const SizeAndUnknown = Type.Object(
  {
    size,
    unknown: Type.Object(
      {
        count: Type.Integer({
          minimum: 0,
          description: 'Items of the request that the catalogue does not have',
        }),
        items: Type.Array(Type.String(), {
          maxItems: MOST_UNKNOWN,
          description: `The first ${MOST_UNKNOWN} of them`,
        }),
      },
      closed,
    ),
  },
  closed,
)

export const catalogueSchemas = {
  readCatalogue: {
    answer: Type.Object(
      {
        size: Type.Integer(),
        version: Type.Integer({ description: 'Rises with every change' }),
        attributes: Type.Record(Type.String(), Type.String()),
      },
      closed,
    ),
  },
  upsertItems: {
    body: Type.Object(
      {
        items: Type.Array(
          Type.Object(
            { ...state, ...content },
            {
              ...closed,
              description:
                'columns and vectors: what models with content make the embedding of a new item of; see docs/models.md',
            },
          ),
          many,
        ),
      },
      closed,
    ),
    answer: Size,
  },
  readItem: {
    params: Type.Object({ item: Item }, closed),
    answer: Type.Object(
      {
        ...state,
        available: Type.Boolean(),
        from: Type.Optional(Time),
        until: Type.Optional(Time),
        added: Type.Optional(Time),
        ...content,
      },
      closed,
    ),
  },
  changeItems: {
    body: Type.Object({ items: Type.Array(Type.Object(state, closed), many) }, closed),
    answer: SizeAndUnknown,
  },
  removeItems: {
    body: Type.Object({ items: Type.Array(Item, many) }, closed),
    answer: SizeAndUnknown,
  },
} as const

import { Type } from 'typebox'
import { closed, Item, Values } from './values.ts'

/** Items of one request at most. */
export const MOST_CATALOGUE_ITEMS = 10_000

const Time = Type.Number({ description: 'Milliseconds since 1970', minimum: -8.64e15, maximum: 8.64e15 })
const Text = Type.String({ maxLength: 1000 })

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
  from: Type.Optional(Time),
  until: Type.Optional(Time),
  added: Type.Optional(Time),
}

const many = { minItems: 1, maxItems: MOST_CATALOGUE_ITEMS }
const Size = Type.Object({ size: Type.Integer({ description: 'Items of the catalogue' }) }, closed)

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
            {
              ...state,
              columns: Type.Optional(Values),
              vectors: Type.Optional(
                Type.Record(
                  Type.String({ minLength: 1, maxLength: 128 }),
                  Type.Array(Type.Number(), { maxItems: 65_536 }),
                  { maxProperties: 16 },
                ),
              ),
            },
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
  changeItems: {
    body: Type.Object({ items: Type.Array(Type.Object(state, closed), many) }, closed),
    answer: Size,
  },
  removeItems: {
    body: Type.Object({ items: Type.Array(Item, many) }, closed),
    answer: Size,
  },
} as const

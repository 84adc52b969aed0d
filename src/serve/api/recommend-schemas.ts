import { Type } from 'typebox'
import { sources, type Source } from '../../rules/index.ts'
import { MOST_SESSION_EVENTS, SessionEvent } from './event-schemas.ts'
import { closed, Id, Item, Name, Weight } from './values.ts'

/** Items of one answer at most. */
export const MOST_ITEMS = 500

export const Digest = Type.String({ description: 'SHA-256 of the manifest of the artifact' })

const ScoredItems = Type.Array(
  Type.Object(
    {
      item: Item,
      score: Type.Number(),
      source: Type.Unsafe<Source>({
        type: 'string',
        enum: [...sources],
        description:
          'Who recommends it: the model; what stands in for it, as it is like the latest items, popular, or in the catalogue where no more is known; a rule. See docs/rules.md',
      }),
    },
    closed,
  ),
)

const Trace = Type.Object(
  {
    rule: Type.String(),
    allowed: Type.Optional(Type.Integer()),
    removed: Type.Array(Type.String()),
    added: Type.Array(Type.String()),
    moved: Type.Array(Type.Object({ item: Type.String(), from: Type.Integer(), to: Type.Integer() }, closed)),
  },
  closed,
)

export const recommendSchemas = {
  recommend: {
    body: Type.Object(
      {
        session: Type.Optional(Id),
        events: Type.Optional(Type.Array(SessionEvent, { maxItems: MOST_SESSION_EVENTS })),
        k: Type.Optional(Type.Integer({ minimum: 1, maximum: MOST_ITEMS })),
        excludeSeen: Type.Optional(Type.Boolean()),
        model: Type.Optional(Name),
        rules: Type.Optional(
          Type.Unsafe<object>({
            type: 'object',
            description:
              'See docs/rules.md; each takes the place of the rule of the same name that the server has',
          }),
        ),
        attribution: Type.Optional(
          Type.String({
            minLength: 1,
            maxLength: 200,
            pattern: '^[A-Za-z0-9_.:-]+$',
            description: 'Default: the id of the request',
          }),
        ),
        dryRun: Type.Optional(Type.Boolean({ description: 'Whether the answer says what each rule did' })),
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
        fallback: Type.Optional(
          Type.Union([Type.Literal('similar'), Type.Literal('popularity')], {
            description:
              'Where the model knows no item of the session: what stands in for it, of the items one by one their source',
          }),
        ),
        attribution: Type.Optional(Type.String()),
        trace: Type.Optional(Type.Array(Trace)),
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

import { Type, type Static } from 'typebox'

/** The version of the run folders that this package writes and reads. */
export const RUN_FORMAT = 1

export type Frozen<Value> = Value extends object
  ? { readonly [Key in keyof Value]: Frozen<Value[Key]> }
  : Value

/** Of a run's name, and of what its code is called. */
export const MOST_LETTERS = 1000

const closed = { additionalProperties: false } as const
const Text = Type.String({ maxLength: 10_000 })
const Time = Type.String({
  pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}\\.\\d{3}Z$',
  description: 'ISO 8601, in UTC',
})
const Count = Type.Integer({ minimum: 0 })
const From1 = Type.Integer({ minimum: 1 })
const Digest = Type.String({ pattern: '^[0-9a-f]{8,64}$' })
const Metrics = Type.Record(Type.String({ maxLength: 1000 }), Type.Number(), { maxProperties: 10_000 })
/** Any JSON: what callers give, and what other parts of this package say. */
const Anything = Type.Unknown()

const Best = Type.Object({ evaluation: From1, epoch: From1, update: Count, metric: Type.Number() }, closed)

/** `run.json`: what was trained, on what, how, and what became of it. */
export const RunRecordSchema = Type.Object(
  {
    format: Type.Literal(RUN_FORMAT),
    name: Type.String({ minLength: 1, maxLength: MOST_LETTERS }),
    kind: Type.Union([Type.Literal('train'), Type.Literal('windows')]),
    status: Type.Union([
      Type.Literal('running'),
      Type.Literal('ended'),
      Type.Literal('stopped'),
      Type.Literal('failed'),
    ]),
    startedAt: Time,
    endedAt: Type.Optional(Time),
    /** How often it was gone on with. */
    resumed: Count,
    packageVersion: Text,
    /** Of the caller's code, where it says so. */
    commit: Type.Optional(Text),
    digest: Digest,
    seed: Count,
    model: Type.Object({
      maxLength: Count,
      schema: Anything,
      inputs: Anything,
      masking: Anything,
      block: Type.Object({ kind: Text, options: Anything }, closed),
      heads: Type.Array(Anything, { maxItems: 1000 }),
    }),
    parameters: Type.Object({ total: Count, trained: Count, bytes: Count }, closed),
    /** Of `train` or `fitAndEvaluate`, with their defaults. */
    options: Type.Record(Type.String(), Anything),
    updates: Type.Optional(Count),
    data: Type.Object(
      {
        digest: Digest,
        items: Count,
        sessions: Type.Optional(Count),
        events: Type.Optional(Count),
        validationSessions: Type.Optional(Count),
        windows: Type.Optional(Type.Array(Text, { maxItems: 100_000 })),
      },
      closed,
    ),
    split: Type.Optional(Anything),
    settings: Type.Optional(Anything),
    leakage: Type.Optional(Anything),
    result: Type.Optional(
      Type.Object(
        {
          update: Count,
          epochs: Count,
          evaluations: Count,
          windows: Count,
          best: Type.Optional(Best),
          average: Type.Optional(Metrics),
        },
        closed,
      ),
    ),
    error: Type.Optional(Type.Object({ code: Type.Optional(Text), message: Text }, closed)),
  },
  closed,
)

/** A line of `events.jsonl`, by its kind. */
export const eventSchemas = {
  update: Type.Object(
    {
      kind: Type.Literal('update'),
      time: Time,
      update: From1,
      epoch: From1,
      window: Type.Optional(From1),
      loss: Type.Number(),
      updateLoss: Type.Number(),
      learningRate: Type.Number(),
      gradientNorm: Type.Number(),
    },
    closed,
  ),
  evaluation: Type.Object(
    {
      kind: Type.Literal('evaluation'),
      time: Time,
      update: Count,
      evaluation: From1,
      epoch: From1,
      validation: Metrics,
      isBest: Type.Boolean(),
      seconds: Type.Number(),
    },
    closed,
  ),
  epoch: Type.Object(
    {
      kind: Type.Literal('epoch'),
      time: Time,
      update: Count,
      epoch: From1,
      loss: Type.Number(),
      learningRate: Type.Number(),
      validation: Type.Optional(Metrics),
      seconds: Type.Number(),
      validationSeconds: Type.Optional(Type.Number()),
    },
    closed,
  ),
  window: Type.Object(
    {
      kind: Type.Literal('window'),
      time: Time,
      update: Count,
      window: Text,
      metrics: Type.Optional(Metrics),
      tested: Count,
      /** Of this window alone. */
      updates: Count,
      loss: Type.Optional(Type.Number()),
      seconds: Type.Number(),
    },
    closed,
  ),
} as const

const Figure = Type.Object(
  {
    mean: Type.Number(),
    standardError: Type.Optional(Type.Number({ minimum: 0 })),
    /** The interval of 95 %: the mean and 1.96 standard errors to either side, more over few windows of time. */
    low: Type.Optional(Type.Number()),
    high: Type.Optional(Type.Number()),
  },
  closed,
)
const Figures = Type.Record(Type.String({ maxLength: 1000 }), Figure, { maxProperties: 10_000 })

/** Ranks of more sessions than this are thinned out evenly. */
export const MOST_RANKS = 100_000

/** `evaluation.json`: what the model was worth at the end, beside what it has to beat. */
export const RunEvaluationSchema = Type.Object(
  {
    format: Type.Literal(RUN_FORMAT),
    evaluatedAt: Time,
    /** That were ranked. */
    sessions: Count,
    items: Type.Optional(Count),
    filterSeen: Type.Optional(Type.Boolean()),
    unknownTargets: Type.Optional(Count),
    seenTargets: Type.Optional(Count),
    figures: Figures,
    floors: Type.Optional(Type.Record(Type.String({ maxLength: 1000 }), Figures, { maxProperties: 1000 })),
    heads: Type.Optional(Anything),
    split: Type.Optional(Anything),
    /** The rank of the target of each session, or of every so many: enough for any metric of any `k`, session by session. */
    ranks: Type.Optional(
      Type.Object(
        {
          /** Of the sessions and their targets: runs of one digest were measured on the same. */
          digest: Digest,
          every: From1,
          values: Type.Array(Type.Number({ minimum: 1 }), { maxItems: MOST_RANKS }),
        },
        closed,
      ),
    ),
    slices: Type.Optional(Anything),
    leakage: Type.Optional(Anything),
  },
  closed,
)

/** `run.json`. */
export type RunRecord = Frozen<Static<typeof RunRecordSchema>>
/** `evaluation.json`. */
export type RunEvaluation = Frozen<Static<typeof RunEvaluationSchema>>
export type Figure = Frozen<Static<typeof Figure>>
export type RunEvents = {
  readonly [Kind in keyof typeof eventSchemas]: Frozen<Static<(typeof eventSchemas)[Kind]>>
}
/** A line of `events.jsonl`. */
export type RunEvent = RunEvents[keyof RunEvents]

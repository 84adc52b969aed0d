import { Type } from 'typebox'
import { closed, Name, Nothing } from './values.ts'

/** Sessions of one request at most. */
export const MOST_ROWS = 64

const ModelName = Type.Object({ model: Name }, closed)
const Tensor = Type.Object({
  name: Type.String({ minLength: 1, maxLength: 128 }),
  shape: Type.Array(Type.Integer({ minimum: 0, maximum: 1_000_000 }), { minItems: 1, maxItems: 2 }),
  datatype: Type.String({ maxLength: 16 }),
  parameters: Type.Optional(Type.Object({})),
  data: Type.Array(Type.Unknown(), { maxItems: 65_536 }),
})
const TensorOf = Type.Object(
  { name: Type.String(), datatype: Type.String(), shape: Type.Array(Type.Integer()) },
  closed,
)

/** The Open Inference Protocol v2 over HTTP, of which a server lets fields pass that it does not know. */
export const inferenceSchemas = {
  inferenceServer: {
    answer: Type.Object(
      { name: Type.String(), version: Type.String(), extensions: Type.Array(Type.String()) },
      closed,
    ),
  },
  inferenceLive: { answer: Type.Object({ live: Type.Boolean() }, closed) },
  inferenceReady: { answer: Type.Object({ ready: Type.Boolean() }, closed) },
  inferenceModel: {
    params: ModelName,
    answer: Type.Object(
      {
        name: Name,
        versions: Type.Array(Type.String()),
        platform: Type.String(),
        inputs: Type.Array(TensorOf),
        outputs: Type.Array(TensorOf),
      },
      closed,
    ),
  },
  inferenceModelReady: {
    params: ModelName,
    answer: Type.Object({ name: Name, ready: Type.Boolean() }, closed),
  },
  infer: {
    params: ModelName,
    body: Type.Object({
      id: Type.Optional(Type.String({ maxLength: 128 })),
      parameters: Type.Optional(
        Type.Object({
          k: Type.Optional(Type.Integer({ minimum: 1, maximum: 500 })),
          exclude_seen: Type.Optional(Type.Boolean()),
        }),
      ),
      inputs: Type.Array(Tensor, { minItems: 1, maxItems: 64 }),
      outputs: Type.Optional(
        Type.Array(Type.Object({ name: Type.String({ maxLength: 128 }) }), { maxItems: 2 }),
      ),
    }),
    answer: Type.Object(
      {
        model_name: Name,
        model_version: Type.String(),
        id: Type.Optional(Type.String()),
        parameters: Type.Optional(Nothing),
        outputs: Type.Array(
          Type.Object(
            {
              name: Type.String(),
              datatype: Type.String(),
              shape: Type.Array(Type.Integer()),
              data: Type.Array(Type.Union([Type.String(), Type.Number()])),
            },
            closed,
          ),
        ),
      },
      closed,
    ),
  },
} as const

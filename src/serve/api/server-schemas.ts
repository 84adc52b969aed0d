import { Type } from 'typebox'
import { Digest } from './recommend-schemas.ts'
import { closed, Name, nameRules, Nothing, Weight } from './values.ts'

const Deployed = Type.Object(
  { artifact: Type.String(), digest: Digest, loadedAt: Type.String({ format: 'date-time' }) },
  closed,
)
const Status = Type.Object(
  { name: Name, weight: Weight, current: Deployed, previous: Type.Optional(Deployed) },
  closed,
)
const ModelName = Type.Object({ model: Name }, closed)

export const serverSchemas = {
  live: { answer: Type.Object({ live: Type.Boolean() }, closed) },
  ready: { answer: Type.Object({ ready: Type.Boolean() }, closed) },
  metrics: { answer: Type.String() },
  openapi: { answer: Type.Unknown() },
  adminModels: { answer: Type.Object({ models: Type.Array(Status) }, closed) },
  loadModel: {
    params: ModelName,
    body: Type.Object(
      {
        artifact: Type.Optional(
          Type.String({
            ...nameRules,
            description:
              'Name of a folder beside the artifacts that the server was started with. Without it the folder of the model is read again.',
          }),
        ),
      },
      closed,
    ),
    answer: Status,
  },
  rollbackModel: { params: ModelName, body: Nothing, answer: Status },
  removeModel: { params: ModelName, answer: Type.Object({ removed: Type.Boolean() }, closed) },
  setWeights: {
    body: Type.Object(
      {
        weights: Type.Record(Type.String({ minLength: 1, maxLength: 64 }), Weight, {
          minProperties: 1,
          maxProperties: 16,
        }),
      },
      closed,
    ),
    answer: Type.Object({ models: Type.Array(Status) }, closed),
  },
} as const

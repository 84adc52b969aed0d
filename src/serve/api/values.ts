import { Type } from 'typebox'

/** Names of sessions and events: they stand in addresses, where `.` and `..` would lead elsewhere, and in keys of Redis. */
export const idRules = { minLength: 1, maxLength: 128, pattern: '^(?!\\.{1,2}$)[A-Za-z0-9._:@~-]+$' } as const
export const Id = Type.String({
  ...idRules,
  description: 'Letters of ASCII, digits and . _ : @ ~ -, other than . and ..',
})
/** Names of models and of artifacts: one part of a path, and never one that leads elsewhere. */
export const nameRules = {
  minLength: 1,
  maxLength: 64,
  pattern: '^[A-Za-z0-9][A-Za-z0-9_-]*(\\.[A-Za-z0-9_-]+)*$',
} as const
export const Name = Type.String(nameRules)
export const Item = Type.String({ minLength: 1, maxLength: 512 })
export const Weight = Type.Number({ minimum: 0, maximum: 1_000_000 })

/** What happened besides which item it was, and of an event when: values by the columns that the workflow reads. */
export const Values = Type.Record(
  Type.String({ minLength: 1, maxLength: 128 }),
  Type.Union([Type.String({ maxLength: 1024 }), Type.Number(), Type.Boolean(), Type.Null()]),
  { maxProperties: 64 },
)

export const closed = { additionalProperties: false } as const
export const Nothing = Type.Object({}, closed)

/** Every answer that is no success. */
export const Problem = Type.Object(
  {
    code: Type.String({ description: 'One of the codes of docs/serve.md, for programs' }),
    message: Type.String({ description: 'For people' }),
    requestId: Type.String({ description: 'Also in the header x-request-id and in the log' }),
  },
  { ...closed, title: 'Problem' },
)

import type { Static, TSchema } from 'typebox'
import type { EndpointName } from './endpoints.ts'
import { catalogueSchemas } from './catalogue-schemas.ts'
import { eventSchemas } from './event-schemas.ts'
import { explainSchemas } from './explain-schemas.ts'
import { inferenceSchemas } from './inference-schemas.ts'
import { recommendSchemas } from './recommend-schemas.ts'
import { serverSchemas } from './server-schemas.ts'
import { similarSchemas } from './similar-schemas.ts'

/** What goes in and out at an endpoint. */
export interface EndpointSchemas {
  readonly params?: TSchema
  readonly body?: TSchema
  readonly answer: TSchema
}

/** The one source of the types, the validation, the answers and OpenAPI, by endpoint. */
export const schemas = {
  ...eventSchemas,
  ...recommendSchemas,
  ...similarSchemas,
  ...explainSchemas,
  ...catalogueSchemas,
  ...inferenceSchemas,
  ...serverSchemas,
} as const satisfies Readonly<Record<EndpointName, EndpointSchemas>>

type Schemas = typeof schemas
type Nothing = object
type Part<Name extends EndpointName, Key extends 'params' | 'body'> = Schemas[Name] extends {
  readonly [each in Key]: infer Schema extends TSchema
}
  ? Static<Schema>
  : Nothing

export type Params<Name extends EndpointName> = Part<Name, 'params'>
export type Body<Name extends EndpointName> = Part<Name, 'body'>
export type Answer<Name extends EndpointName> = Static<Schemas[Name]['answer']>

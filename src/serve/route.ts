import type { EndpointName } from './api/endpoints.ts'
import type { Answer, Body, Params } from './api/schemas.ts'
import type { Scope } from './keys.ts'
import type { Stage } from './metrics.ts'
import type { Parts } from './parts.ts'

/** A request that was found to be what the schema says. */
export interface Call<Name extends EndpointName> {
  readonly params: Params<Name>
  readonly body: Body<Name>
  readonly requestId: string
  /** Tells of a stage of the work, in milliseconds. */
  readonly stage: (stage: Stage, ms: number) => void
}

/** An endpoint with what it does. Its schemas are those of `api/schemas.ts`. */
export interface RouteOf<Name extends EndpointName> {
  readonly name: Name
  readonly summary: string
  readonly listener: 'public' | 'admin'
  /** What a key needs; `none`: anybody may ask. */
  readonly scope: Scope | 'none'
  /** Bytes of a body at most. */
  readonly bodyLimit?: number
  /** Whether it scores: then it is refused before its body is read when no more can be answered in time. */
  readonly scores?: boolean
  /** Whether it explains: then it is refused as those that score are, by how many explanations are under way. */
  readonly explains?: boolean
  /** Errors as the Open Inference Protocol has them, `{ "error": text }`. */
  readonly inference?: boolean
  /** The type of an answer that is no JSON. */
  readonly contentType?: string
  handle(call: Call<Name>, parts: Parts): Answer<Name> | Promise<Answer<Name>>
}

/** A route of any endpoint, as a table holds them. */
export type Route = Omit<RouteOf<EndpointName>, 'handle'> & {
  handle(call: UntypedCall, parts: Parts): unknown
}

export interface UntypedCall extends Omit<Call<EndpointName>, 'params' | 'body'> {
  readonly params: unknown
  readonly body: unknown
}

/** A route for a table: whoever calls `handle` has checked params and body by the schemas of its name. */
export function route<Name extends EndpointName>(spec: RouteOf<Name>): Route {
  return Object.freeze(spec)
}

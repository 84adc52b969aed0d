import { EnsuiteError } from '../errors.ts'

export type JsonValue =
  null | boolean | number | string | readonly JsonValue[] | { readonly [key: string]: JsonValue }
export type JsonObject = Readonly<Record<string, JsonValue>>

/** How deep lists and objects may lie in each other: each level takes three messages, of which protobuf reads 100 at most. */
export const MAX_DEPTH = 16

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A frozen copy of a value, which holds nothing that JSON cannot. Throws `SCHEMA_INVALID` that names the place. */
export function jsonCopy(where: string, value: unknown, depth = 0): JsonValue {
  if (value === null || typeof value === 'boolean') return value
  if (typeof value === 'string') {
    if (/\p{Surrogate}/u.test(value))
      throw invalid(where, 'well-formed Unicode', 'a text with half a surrogate pair')
    return value
  }
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw invalid(where, 'a finite number', String(value))
    return value + 0
  }
  if (depth >= MAX_DEPTH) throw invalid(where, `at most ${MAX_DEPTH} levels`, 'more')
  if (Array.isArray(value))
    return Object.freeze(value.map((each, index) => jsonCopy(`${where}[${index}]`, each, depth + 1)))
  if (!isObject(value)) throw invalid(where, 'a value of JSON', `a ${typeof value}`)
  return Object.freeze(
    Object.fromEntries(
      Object.entries(value).map(([key, each]) => [
        jsonCopy(where, key) as string,
        jsonCopy(`${where}.${key}`, each, depth + 1),
      ]),
    ),
  )
}

function invalid(where: string, expected: string, received: string): EnsuiteError {
  return new EnsuiteError('SCHEMA_INVALID', `${where} expects ${expected}, received ${received}.`)
}

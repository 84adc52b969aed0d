import { EnsuiteError } from '../errors.ts'

/** The value that JSON bytes stand for; undefined where they are not UTF-8 or not JSON. */
export function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as unknown
  } catch {
    return undefined
  }
}

/** The bytes of a value as JSON. Throws `OPTION_INVALID` for a number that JSON cannot hold, which would silently become null. */
export function jsonBytes(where: string, value: unknown, indent?: number): Uint8Array<ArrayBuffer> {
  const text = JSON.stringify(
    value,
    (key, each: unknown) => {
      if (typeof each !== 'number' || Number.isFinite(each)) return each
      throw new EnsuiteError(
        'OPTION_INVALID',
        `${where} expects finite numbers, received ${each} at '${key}'.`,
      )
    },
    indent,
  )
  return new TextEncoder().encode(`${text}\n`)
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The fields of an object that has all of `names`, perhaps some of `optional`, and nothing else. Throws `ARTIFACT_INVALID`. */
export function fields(
  where: string,
  value: unknown,
  names: readonly string[],
  optional: readonly string[] = [],
): Readonly<Record<string, unknown>> {
  if (!isRecord(value)) throw invalid(where, `an object with ${names.join(', ')}`, value)
  const missing = names.find((name) => !Object.hasOwn(value, name))
  if (missing !== undefined) throw invalid(`${where}.${missing}`, 'a value', undefined)
  const extra = Object.keys(value).find((name) => !names.includes(name) && !optional.includes(name))
  if (extra !== undefined) throw invalid(`${where}.${extra}`, 'nothing', value[extra])
  return value
}

/** A whole number inside the range. Throws `ARTIFACT_INVALID`. */
export function whole(where: string, value: unknown, min: number, max: number): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) return value
  throw invalid(where, `a whole number from ${min} to ${max}`, value)
}

/** A text that the pattern matches. Throws `ARTIFACT_INVALID`. */
export function text(where: string, value: unknown, pattern: RegExp, expected: string): string {
  if (typeof value === 'string' && pattern.test(value)) return value
  throw invalid(where, expected, value)
}

/** A SHA-256. Throws `ARTIFACT_INVALID`. */
export const digest = (where: string, value: unknown): string =>
  text(where, value, /^[0-9a-f]{64}$/, '64 hexadecimal digits')

/** An object, each of whose values is read by `read`. Throws `ARTIFACT_INVALID`. */
export function record<Value>(
  where: string,
  value: unknown,
  read: (where: string, value: unknown) => Value,
): Readonly<Record<string, Value>> {
  if (!isRecord(value)) throw invalid(where, 'an object', value)
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [name, read(`${where}['${name}']`, each)]),
  )
}

export function invalid(where: string, expected: string, received: unknown): EnsuiteError {
  return new EnsuiteError(
    'ARTIFACT_INVALID',
    `${where} expects ${expected}, received ${describe(received)}. Restore the folder from where it was saved, or train again.`,
  )
}

/** Short, and without walking into a value that may be nested without end. */
function describe(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object' && value !== null) return 'an object'
  const shown = typeof value === 'string' ? `'${value}'` : JSON.stringify(value)
  return shown.length > 80 ? `${shown.slice(0, 80)}…` : shown
}

import type { Catalogue } from '../catalogue/index.ts'
import { EnsuiteError } from '../errors.ts'
import { checkNumber, checkOptions } from '../options.ts'
import type { VectorFilter } from '../vector-store/filter.ts'
import type { RuleContext } from './rule.ts'

/** An object of these names; `required` ones are there. */
export function readObject(
  value: unknown,
  path: string,
  names: { readonly required: readonly string[]; readonly optional?: readonly string[] },
): Readonly<Record<string, unknown>> {
  checkOptions(path, value as object, [...names.required, ...(names.optional ?? [])])
  const own = value as Readonly<Record<string, unknown>>
  const missing = names.required.find((name) => !Object.hasOwn(own, name) || own[name] === undefined)
  if (missing !== undefined) throw refused(path, `${names.required.join(' and ')}, and has no ${missing}`)
  return own
}

export function readList<Entry>(
  value: unknown,
  path: string,
  { most, read }: { readonly most: number; readonly read: (entry: unknown, path: string) => Entry },
): readonly Entry[] {
  if (!Array.isArray(value)) throw refused(path, 'a list')
  if (value.length > most) throw refused(path, `at most ${most} entries, received ${value.length}`)
  return value.map((entry, at) => read(entry, `${path}[${at}]`))
}

export function readText(value: unknown, path: string, what: string): string {
  if (typeof value === 'string' && value.length > 0 && value.length <= 1000) return value
  throw refused(path, `${what}, a text of 1 to 1,000 characters`)
}

export function readNumber(value: unknown, path: string, range: Parameters<typeof checkNumber>[2]): number {
  checkNumber(path, value as number, range)
  return value as number
}

export const readSeed = (value: unknown, path: string): number =>
  readNumber(value, path, { integer: true, min: 0, max: Number.MAX_SAFE_INTEGER })

/** A filter of the catalogue's attributes. */
export function readFilter(value: unknown, path: string, context: RuleContext): VectorFilter {
  const catalogue: Catalogue = catalogueFor(path, context)
  try {
    catalogue.checkFilter(value)
  } catch (error) {
    if (error instanceof EnsuiteError) throw new EnsuiteError(error.code, `${path}: ${error.message}`)
    throw error
  }
  return value
}

export function catalogueFor(path: string, { catalogue }: RuleContext): Catalogue {
  if (catalogue !== undefined) return catalogue
  throw refused(path, 'attributes to go by: give a catalogue beside the rules')
}

/** When an entry of a rule is in force: instants as ISO text or in milliseconds since 1970, from the first on and before the second. */
export interface Times {
  readonly from?: string | number
  readonly until?: string | number
}
export const TIMES = ['from', 'until'] as const

/** Whether it is in force. Throws `OPTION_INVALID` for what is no instant. */
export function inForce(
  { from, until }: Readonly<Record<string, unknown>>,
  path: string,
  now: number,
): boolean {
  const [start, end] = [
    instant(from, `${path}.from`) ?? -Infinity,
    instant(until, `${path}.until`) ?? Infinity,
  ]
  if (start >= end) throw refused(path, 'a from that is before its until')
  return start <= now && now < end
}

const ISO = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d))?$/

function instant(value: unknown, path: string): number | undefined {
  if (value === undefined) return undefined
  const parsed = typeof value === 'string' && ISO.test(value) ? Date.parse(value) : value
  if (typeof parsed === 'number' && Number.isFinite(parsed)) return parsed
  throw refused(path, "an instant such as '2026-11-27T09:00:00Z', or milliseconds since 1970")
}

export const refused = (path: string, expected: string): EnsuiteError =>
  new EnsuiteError('OPTION_INVALID', `${path} expects ${expected}.`)

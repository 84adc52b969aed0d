import { EnsuiteError } from '../errors.ts'
import { checkOptions } from '../options.ts'
import { type Dtype, isInteger, isNumber } from './dtype.ts'
import { isObject } from './json-value.ts'

/**
 * The smallest and the greatest value of a column, both included.
 *
 * Whole numbers of 64 bits: those beyond ±(2⁵³ − 1), which a number would round, are a `bigint`, all others a number.
 */
export interface Domain {
  readonly min: number | bigint
  readonly max: number | bigint
  readonly name?: string
}

const LOWEST = -(2n ** 63n)
const HIGHEST = 2n ** 63n - 1n

/** A frozen copy of a domain whose bounds fit the dtype. Throws `SCHEMA_INVALID`. */
export function checkedDomain(where: string, domain: Domain, dtype: Dtype): Domain {
  if (!isObject(domain)) throw invalid(where, 'a domain like { min: 0, max: 9 }')
  checkOptions(`The domain of ${where}`, domain, ['min', 'max', 'name'])
  if (!isNumber(dtype)) throw invalid(where, `no domain, as its dtype is ${dtype}`)
  const { name } = domain as Domain
  if (name !== undefined && (typeof name !== 'string' || name === '' || /\p{Surrogate}/u.test(name)))
    throw invalid(where, 'a domain whose name is a text that is not empty')
  const bound = isInteger(dtype) ? wholeBound : floatBound
  const [min, max] = [bound(where, domain['min']), bound(where, domain['max'])]
  if (min > max) throw invalid(where, `a domain from min to max, received min ${min} above max ${max}`)
  return Object.freeze({ min, max, ...(name === undefined ? {} : { name }) })
}

/** A number where it is exact, else a bigint. */
export function exactInteger(value: bigint): number | bigint {
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : value
}

function wholeBound(where: string, value: unknown): number | bigint {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value + 0
  if (typeof value === 'bigint' && value >= LOWEST && value <= HIGHEST) return exactInteger(value)
  throw invalid(where, `a domain of whole numbers of 64 bits (a bigint beyond 2⁵³), received ${shown(value)}`)
}

function floatBound(where: string, value: unknown): number {
  if (typeof value === 'number' && Number.isFinite(value)) return value + 0
  throw invalid(where, `a domain of finite numbers, received ${shown(value)}`)
}

const shown = (value: unknown): string =>
  typeof value === 'number' || typeof value === 'bigint' ? String(value) : `a ${typeof value}`

function invalid(where: string, expected: string): EnsuiteError {
  return new EnsuiteError('SCHEMA_INVALID', `${where} expects ${expected}.`)
}

import { EnsuiteError } from '../errors.ts'
import { checkOptions } from '../options.ts'
import type { Options } from './operator.ts'
import type { ValueType } from './value.ts'

/** Throws `OPTION_INVALID` unless the inputs have these types; `…` of the last one repeats it, `any` takes every type. */
export function expectInputs(
  name: string,
  inputs: readonly ValueType[],
  expected: readonly (ValueType | 'any')[],
): void {
  const good =
    inputs.length === expected.length &&
    expected.every((type, index) => type === 'any' || type === inputs[index])
  if (good) return
  throw new EnsuiteError(
    'OPTION_INVALID',
    `'${name}' expects (${expected.join(', ')}), received (${inputs.join(', ')}). Cast a column where it is named: column('price', 'number').`,
  )
}

/** The type rule of an operator with fixed inputs and no options. */
export const fixed =
  (name: string, expected: readonly (ValueType | 'any')[], result: ValueType) =>
  (inputs: readonly ValueType[], options: Options): ValueType => {
    checkOptions(name, options, [])
    expectInputs(name, inputs, expected)
    return result
  }

/** Throws unless there is an input or more, and all are texts: the parts of a key. */
export function expectKeys(name: string, inputs: readonly ValueType[]): void {
  if (inputs.length > 0 && inputs.every((type) => type === 'text')) return
  throw new EnsuiteError(
    'OPTION_INVALID',
    `'${name}' expects one or more texts as its key, received (${inputs.join(', ')}). Name the column as text: column('brand', 'text').`,
  )
}

export function expectOption(name: string, good: boolean, says: string, received: unknown): void {
  if (good) return
  throw new EnsuiteError('OPTION_INVALID', `'${name}': ${says}, received ${shown(received)}.`)
}

/** Anything at all in a message, cut short. */
export function shown(value: unknown): string {
  if (typeof value === 'number') return String(value)
  if (value instanceof Promise) return 'a promise'
  try {
    return ((JSON.stringify(value) as string | undefined) ?? String(value)).slice(0, 80)
  } catch {
    // Too deep, or a number that JSON does not have.
    return typeof value === 'bigint' ? `${value}n` : `a ${typeof value} that cannot be shown`
  }
}

/** Whether a text can be written as UTF-8: it holds no half of a character. */
export const isText = (value: unknown): value is string =>
  typeof value === 'string' && !/\p{Surrogate}/u.test(value)

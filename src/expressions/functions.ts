import { bytesToHex } from '@noble/hashes/utils'
import { md5 } from '@noble/hashes/legacy'
import { EnsuiteError } from '../errors.ts'
import { checkOptions, nearestWord } from '../options.ts'
import type { Expression } from './expression.ts'
import { isText, shown } from './infer.ts'
import type { Value, ValueType } from './value.ts'

/**
 * Functions of your own, by the names that `javascript` nodes call them by: a value an input, null where it is missing, to a value.
 * They are asked in any order, more than once or not at all: the same values must always give the same result.
 */
export type Functions = Readonly<Record<string, (...values: never[]) => Value>>

/** A function as an engine calls it. */
export interface EngineFunction {
  readonly name: string
  readonly inputs: readonly ValueType[]
  readonly type: ValueType
  readonly call: (values: readonly Value[]) => Value
}

type Call = { readonly name: string; readonly type: ValueType }

/** What SQL calls a function: engines take no account of letter case, and have one function a name and its types. */
export const engineName = ({ name, type }: Call, inputs: readonly ValueType[]): string =>
  `js_${bytesToHex(md5(new TextEncoder().encode(JSON.stringify([name, inputs, type]))))}`

const expected: Readonly<Record<ValueType, string>> = {
  number: 'a finite number',
  text: 'a text',
  boolean: 'true or false',
}

const isValue: Readonly<Record<ValueType, (value: unknown) => boolean>> = {
  number: Number.isFinite,
  text: isText,
  boolean: (value) => typeof value === 'boolean',
}

/** Asks a function. Throws `FUNCTION_FAILED` where it throws, or gives what it does not say it gives; `FUNCTION_MISSING` where there is none. */
export function callFunction(functions: Functions, { name, type }: Call, values: readonly Value[]): Value {
  const own = functionNamed(functions, name) as (...values: readonly Value[]) => unknown
  const failed = (says: string, cause?: unknown): EnsuiteError =>
    new EnsuiteError(
      'FUNCTION_FAILED',
      `Function '${name}' ${says} for (${values.map(shown).join(', ').slice(0, 200)}). Correct it: it gives ${expected[type]}, or null where there is no value.`,
      { cause },
    )
  let value: unknown
  try {
    value = own(...values)
  } catch (cause) {
    throw failed(`threw '${(cause instanceof Error ? cause.message : shown(cause)).slice(0, 200)}'`, cause)
  }
  if (value === null) return null
  if (!isValue[type](value)) throw failed(`gave ${typeof value === 'number' ? value : shown(value)}`)
  return typeof value === 'number' ? value + 0 : (value as Value)
}

function functionNamed(functions: Functions, name: string): Functions[string] {
  const own: unknown = Object.hasOwn(functions, name) ? functions[name] : undefined
  if (typeof own === 'function') return own as Functions[string]
  const nearest = nearestWord(name, Object.keys(functions))
  throw new EnsuiteError(
    'FUNCTION_MISSING',
    `functions expects a function '${name}', which a feature calls, received ${own === undefined ? 'none' : shown(own)}.` +
      `${nearest === undefined ? '' : ` Did you mean '${nearest}'?`} Functions are not saved: give the same ones again, functions: { ${name}: … }, or --functions with the module that exports them.`,
  )
}

/** The nodes of trees that call functions. */
function callingNodes(trees: readonly Expression[]): readonly Expression[] {
  const seen = new Set<Expression>()
  const visit = (expression: Expression): void => {
    if (seen.has(expression)) return
    seen.add(expression)
    expression.inputs.forEach(visit)
  }
  trees.forEach(visit)
  return [...seen].filter(({ op }) => op === 'javascript')
}

/** The names of the functions that trees call, each once. */
export const calledFunctions = (trees: readonly Expression[]): ReadonlySet<string> =>
  new Set(callingNodes(trees).map(({ options }) => options['name'] as string))

/** The functions that trees call, each as an engine calls it. Throws `FUNCTION_MISSING` for one that is not given, `OPTION_UNKNOWN` for one that no tree calls. */
export function engineFunctions(
  trees: readonly Expression[],
  functions: Functions = {},
): readonly EngineFunction[] {
  const found = new Map<string, EngineFunction>()
  for (const { options, inputs: given } of callingNodes(trees)) {
    const call = options as Call
    const inputs = given.map((input) => input.type)
    functionNamed(functions, call.name)
    const name = engineName(call, inputs)
    found.set(name, {
      name,
      inputs,
      type: call.type,
      call: (values) => callFunction(functions, call, values),
    })
  }
  checkUsed(functions, calledFunctions(trees))
  return [...found.values()]
}

function checkUsed(functions: Functions, called: ReadonlySet<string>): void {
  checkOptions('functions', functions, Object.keys(Object(functions) as object))
  const unused = Object.keys(functions).find((name) => !called.has(name))
  if (unused === undefined) return
  const nearest = nearestWord(unused, [...called])
  throw new EnsuiteError(
    'OPTION_UNKNOWN',
    `functions holds '${unused}', which no feature or step calls.${nearest === undefined ? '' : ` Did you mean '${nearest}'?`} ` +
      `Leave it out, or call it: javascript('${unused}', [column('price', 'number')], { type: 'number' }). ` +
      (called.size === 0 ? 'No function is called.' : `Called: ${[...called].join(', ')}.`),
  )
}

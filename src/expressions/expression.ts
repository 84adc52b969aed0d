import { EnsuiteError } from '../errors.ts'
import { checkOptions, nearestWord } from '../options.ts'
import { checkConstants } from './check-constants.ts'
import { shown } from './infer.ts'
import type { Json, Operator, Options } from './operator.ts'
import { operators } from './operators/index.ts'
import type { Value, ValueType } from './value.ts'

/** A node of an expression tree: a value of each event, as data. It is the same in a file, in SQL and online. */
export interface Expression {
  readonly op: string
  readonly inputs: readonly Expression[]
  readonly options: Options
  readonly type: ValueType
}

/** An expression as JSON; types follow from it. */
export interface ExpressionJson {
  readonly op: string
  readonly inputs?: readonly ExpressionJson[]
  readonly options?: Options
}

/** Far above what anyone writes; a file from a stranger may hold more. */
const MOST_NODES = 10_000
const DEEPEST = 200

/** What is taken where an expression is expected: a plain value is a literal. */
export type Operand = Expression | number | string | boolean

/** Puts a node together. Throws `OPTION_UNKNOWN` or `OPTION_INVALID` for what does not go together. */
export function node(op: string, inputs: readonly Operand[], options: Options = {}): Expression {
  const record = operatorOf(op)
  const nodes = inputs.map((input) => toExpression(input, `'${op}': `))
  checkConstants(record, nodes, options)
  const type = record.infer(
    nodes.map((each) => each.type),
    options,
  )
  return Object.freeze({ op, inputs: Object.freeze(nodes), options: ordered(options), type })
}

/** Options in one order and without those that are left out: equal nodes are equal as JSON. */
const ordered = (options: Options): Options =>
  Object.freeze(
    Object.fromEntries(
      Object.entries(options)
        .filter(([, value]) => (value as Json | undefined) !== undefined)
        .sort(([left], [right]) => (left < right ? -1 : 1)),
    ),
  )

/** The record of an operator. Throws `OPTION_UNKNOWN`, naming the nearest one. */
export function operatorOf(op: string): Operator {
  const record = operators.find((each) => each.name === op)
  if (record !== undefined) return record
  const names = operators.map((each) => each.name)
  const nearest = nearestWord(op.slice(0, 80), names)
  throw new EnsuiteError(
    'OPTION_UNKNOWN',
    `There is no operator '${op.slice(0, 80)}'.${nearest === undefined ? '' : ` Did you mean '${nearest}'?`} Known: ${names.join(', ')}.`,
  )
}

/** Throws `OPTION_INVALID` for what is none; `where`: what its message begins with. */
export function toExpression(operand: Operand, where = 'workflow: '): Expression {
  if (typeof operand === 'string' || typeof operand === 'boolean') return literal(operand)
  if (typeof operand === 'number') {
    if (Number.isFinite(operand)) return literal(operand)
  } else if (isRecord(operand) && 'op' in operand && 'type' in operand) return operand
  throw new EnsuiteError(
    'OPTION_INVALID',
    `${where}an expression, a finite number, a text or a truth value is expected, received ${shown(operand)}. Columns are named with column('name', 'text').`,
  )
}

const literal = (value: Exclude<Value, null>): Expression => node('literal', [], { value })

export const toJson = ({ op, inputs, options }: Expression): ExpressionJson => ({
  op,
  ...(inputs.length > 0 && { inputs: inputs.map(toJson) }),
  ...(Object.keys(options).length > 0 && { options }),
})

/** Throws `OPTION_INVALID` for a tree that is too large to be saved, what it has twice counting twice, or looks at sessions inside of sessions too often to be computed. */
export function checkSize(expression: Expression): void {
  const sizes = new Map<Expression, number>()
  const size = (part: Expression, depth: number): number => {
    if (depth > DEEPEST) throw tooLarge()
    const known = sizes.get(part)
    if (known !== undefined) return known
    const own = part.inputs.reduce((sum, input) => sum + size(input, depth + 1), 1)
    if (own > MOST_NODES) throw tooLarge()
    sizes.set(part, own)
    return own
  }
  size(expression, 1)
  checkSessions(expression)
}

/** How many operators on sessions may stand inside of each other: engines take twice as long for each, a fifth of a second for so many. */
const MOST_SESSIONS = 16

function checkSessions(expression: Expression): void {
  const depths = new Map<Expression, number>()
  const depthOf = (part: Expression): number => {
    const known = depths.get(part)
    if (known !== undefined) return known
    const depth = Math.max(0, ...part.inputs.map(depthOf)) + (operatorOf(part.op).scope === 'session' ? 1 : 0)
    depths.set(part, depth)
    return depth
  }
  if (depthOf(expression) > MOST_SESSIONS)
    throw new EnsuiteError(
      'OPTION_INVALID',
      `Of operators on sessions, such as lag and sessionSum, at most ${MOST_SESSIONS} stand inside of each other. Take fewer, such as lag(x, 20) for twenty of lag.`,
    )
}

const tooLarge = (): EnsuiteError =>
  new EnsuiteError(
    'OPTION_INVALID',
    `An expression has at most ${MOST_NODES} nodes and is at most ${DEEPEST} deep. Split it into several.`,
  )

/** The expression that `toJson` wrote; everything is checked. Throws `OPTION_INVALID` and `OPTION_UNKNOWN`. */
export function fromJson(json: unknown): Expression {
  let nodes = 0
  const read = (part: unknown, depth: number): Expression => {
    if (++nodes > MOST_NODES || depth > DEEPEST) throw tooLarge()
    if (!isRecord(part) || typeof part['op'] !== 'string')
      throw new EnsuiteError(
        'OPTION_INVALID',
        `An expression is { op, inputs, options }, received ${shown(part)}.`,
      )
    checkOptions('An expression', part, ['op', 'inputs', 'options'])
    const { op, inputs = [], options = {} } = part
    if (!Array.isArray(inputs) || !isRecord(options))
      throw new EnsuiteError('OPTION_INVALID', `'${op}': inputs are a list, options an object.`)
    return node(
      op,
      (inputs as readonly unknown[]).map((input) => read(input, depth + 1)),
      options as Record<string, Json>,
    )
  }
  return read(json, 1)
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

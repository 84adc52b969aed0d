import { checkOptions } from '../../options.ts'
import { expectInputs, expectOption, fixed, isText } from '../infer.ts'
import { operator, type Operator } from '../operator.ts'
import type { Value } from '../value.ts'

const comparison = (
  name: string,
  sign: string,
  compute: (left: number, right: number) => boolean,
): Operator =>
  operator({
    name,
    scope: 'event',
    infer: fixed(name, ['number', 'number'], 'boolean'),
    sql: ([left, right]) => `(${left!} ${sign} ${right!})`,
    evaluate: ([left, right]) =>
      left === null || right === null ? null : compute(left as number, right as number),
  })

/** Three-valued, as SQL has it: what is not known decides nothing, unless the other side does. */
const connective = (name: string, word: string, decides: boolean): Operator =>
  operator({
    name,
    scope: 'event',
    infer: fixed(name, ['boolean', 'boolean'], 'boolean'),
    sql: ([left, right]) => `(${left!} ${word} ${right!})`,
    evaluate: ([left, right]) => {
      if (left === decides || right === decides) return decides
      return left === null || right === null ? null : !decides
    },
  })

export const logic: readonly Operator[] = [
  comparison('less', '<', (left, right) => left < right),
  comparison('lessOrEqual', '<=', (left, right) => left <= right),
  connective('and', 'AND', false),
  connective('or', 'OR', true),
  operator({
    name: 'not',
    scope: 'event',
    infer: fixed('not', ['boolean'], 'boolean'),
    sql: ([x]) => `(NOT ${x!})`,
    evaluate: ([x]) => (x === null ? null : x !== true),
  }),
  operator({
    name: 'equal',
    scope: 'event',
    infer: (inputs, options) => {
      checkOptions('equal', options, [])
      expectInputs('equal', inputs, ['any', inputs[0] ?? 'any'])
      return 'boolean'
    },
    sql: ([left, right]) => `(${left!} = ${right!})`,
    evaluate: ([left, right]) => (left === null || right === null ? null : left === right),
  }),
  operator({
    name: 'isMissing',
    scope: 'event',
    infer: fixed('isMissing', ['any'], 'boolean'),
    sql: ([x]) => `(${x!} IS NULL)`,
    evaluate: ([x]) => x === null,
  }),
  /** The second where the first is true, else the third (also where the first is missing). */
  operator({
    name: 'choose',
    scope: 'event',
    infer: (inputs, options) => {
      checkOptions('choose', options, [])
      expectInputs('choose', inputs, ['boolean', 'any', inputs[1] ?? 'any'])
      return inputs[1]!
    },
    sql: ([condition, yes, no]) => `CASE WHEN ${condition!} THEN ${yes!} ELSE ${no!} END`,
    evaluate: ([condition, yes, no]) => (condition === true ? yes! : no!),
  }),
  operator({
    name: 'onlyWhere',
    scope: 'event',
    infer: (inputs, options) => {
      checkOptions('onlyWhere', options, [])
      expectInputs('onlyWhere', inputs, ['any', 'boolean'])
      return inputs[0]!
    },
    sql: ([x, condition]) => `CASE WHEN ${condition!} THEN ${x!} END`,
    evaluate: ([x, condition]) => (condition === true ? x! : null),
  }),
  /** The value, or the second where it is missing. */
  operator({
    name: 'fillMissing',
    varies: (place) => place === 0,
    scope: 'event',
    infer: (inputs, options) => {
      checkOptions('fillMissing', options, [])
      expectInputs('fillMissing', inputs, ['any', inputs[0] ?? 'any'])
      return inputs[0]!
    },
    sql: ([x, value]) => `coalesce(${x!}, ${value!})`,
    evaluate: ([x, value]) => (x === null ? value! : x!),
  }),
  operator<{ readonly value: Exclude<Value, null> }>({
    name: 'literal',
    scope: 'event',
    infer: (inputs, options) => {
      checkOptions('literal', options, ['value'])
      expectInputs('literal', inputs, [])
      const { value } = options
      const good =
        typeof value === 'number' ? Number.isFinite(value) : typeof value === 'boolean' || isText(value)
      expectOption('literal', good, 'a finite number, a text or a truth value is expected', value)
      return typeof value === 'string' ? 'text' : typeof value === 'number' ? 'number' : 'boolean'
    },
    sql: (_, { dialect, options }) => dialect.literal(options.value),
    evaluate: (_, { options: { value } }) => (typeof value === 'number' ? value + 0 : value),
  }),
]

import { checkChoice, checkOptions } from '../../options.ts'
import { expectInputs, expectOption, isText } from '../infer.ts'
import { operator, type Operator } from '../operator.ts'

/** What a column of a file is read as. `time`: a number, in milliseconds since 1970-01-01 UTC where the file has dates; `seconds`: the same, where it has numbers of seconds. */
export const columnTypes = ['text', 'number', 'boolean', 'time', 'seconds'] as const
export type ColumnType = (typeof columnTypes)[number]

/** A column of the events. Its values come from outside: who evaluates or compiles a tree puts them in. */
export const column: Operator = operator<{ readonly name: string; readonly type: ColumnType }>({
  name: 'column',
  scope: 'event',
  infer: (inputs, options) => {
    checkOptions('column', options, ['name', 'type'])
    expectInputs('column', inputs, [])
    const { name, type } = options
    expectOption('column', isText(name) && /^[^\0]+$/.test(name), 'the name of a column is expected', name)
    checkChoice(`column '${name}': type`, type, columnTypes)
    return type === 'time' || type === 'seconds' ? 'number' : type
  },
  sql: () => 'NULL',
  evaluate: () => null,
})

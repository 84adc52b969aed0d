import { checkChoice, checkOptions } from '../../options.ts'
import { callFunction, engineName } from '../functions.ts'
import { expectInputs, expectOption, isText } from '../infer.ts'
import { operator, type Operator } from '../operator.ts'
import type { ValueType } from '../value.ts'

/**
 * A JavaScript function of your own, of the values of one event (NVTabular's LambdaOp). The tree holds its name and the type of what it gives; the function itself is given beside it.
 * Not portable: no other engine runs it, and what was saved is of no use without the function.
 * Differs: it sees values and no columns, so that it cannot depend on how events are divided; what it gives is checked.
 */
export const javascript: Operator = operator<{ readonly name: string; readonly type: ValueType }>({
  name: 'javascript',
  scope: 'event',
  infer: (inputs, options) => {
    checkOptions('javascript', options, ['name', 'type'])
    const { name, type } = options
    const good = isText(name) && name !== '' && name.length <= 100
    expectOption('javascript', good, 'the name of a function, of 100 characters at most, is expected', name)
    checkChoice(`javascript '${name}': type`, type, ['number', 'text', 'boolean'])
    expectInputs('javascript', inputs, ['any', ...inputs.slice(1)])
    return type
  },
  sql: (inputs, { options, types }) => `${engineName(options, types)}(${inputs.join(', ')})`,
  evaluate: (inputs, { options, functions }) => callFunction(functions, options, inputs),
})

import * as e from '../build.ts'
import type { Functions } from '../functions.ts'
import type { Value } from '../value.ts'
import { flag, of, other, text, x, type OperatorRow } from './check-operators.test-support.ts'

const half = (one: number | null): number => (one === null ? -1 : one / 2)
const join = (one: string | null, two: string | null): string | null =>
  one === null && two === null ? null : `${one}|${two}`
const all = (...values: readonly Value[]): boolean => values.every((value) => value !== null)

const row = (
  name: string,
  functions: Functions,
  rest: Pick<OperatorRow, 'expression' | 'events' | 'expected'>,
): OperatorRow => ({ operator: 'javascript', name, functions, ...rest })

/** What a function does with each kind of value; `javascript.test.ts` holds what it may not do. */
export const javascriptRows: readonly OperatorRow[] = [
  row(
    'of a number; what is missing is given, too',
    { half },
    {
      expression: e.javascript('half', [x], { type: 'number' }),
      events: of({ x: [3, null, 1e308, 5e-324, -0] }),
      expected: [1.5, -1, 5e307, 0, 0],
    },
  ),
  row(
    'of texts, which may be any',
    { join },
    {
      expression: e.javascript('join', [text, other], { type: 'text' }),
      events: of({
        text: ['a', null, '\u{1f600}', 'a\0b', "it's"],
        other: ['b', null, null, '日本', '"'],
      }),
      expected: ['a|b', null, '\u{1f600}|null', 'a\0b|日本', `it's|"`],
    },
  ),
  row(
    'of all types together, of what is computed and of a literal',
    { all },
    {
      expression: e.not(e.javascript('all', [text, e.add(x, 1), flag, 'unit'], { type: 'boolean' })),
      events: of({ text: ['a', 'a', null], x: [1, 1, 1], flag: [false, null, true] }),
      expected: [false, true, true],
    },
  ),
]

import { expect, test } from 'vitest'
import { doubleFilter } from './milvus-double-filter.test-support.ts'

const types = { id: 'string', price: 'number', sale: 'boolean' }
const row = { id: 'a"b', price: 3, sale: true }
const passes = (text: string, templates: Readonly<Record<string, unknown>> = {}): boolean =>
  doubleFilter(text, { types, templates })(row)

test.each<[string, boolean]>([
  ['', true],
  ['id == "a\\"b"', true],
  ['id in ["x", "a\\"b"]', true],
  ['(price > 3)', false],
  ['(price >= 3) and (not (sale == false))', true],
  // Both bind less than `not`, and `or` less than `and`.
  ['price < 0 and sale == true or sale == true', true],
  ['not (sale == true) or price == 4', false],
  ['(price > -1e-7) and (price <= 1e+300)', true],
])('%s is %s', (text, expected) => {
  expect(passes(text)).toBe(expected)
})

test('templates are values, whatever is in them', () => {
  expect(passes('id == {v0}', { v0: 'a"b' })).toBe(true)
  expect(passes('id == {v0}', { v0: '" or id != "' })).toBe(false)
})

test.each([
  ['another field', 'size == 3'],
  ['a value of another type', 'price == "3"'],
  ['half a text', 'id == "a'],
  ['an escape that there is not', 'id == "\\x22"'],
  ['a line end in a text', 'id == "a\nb"'],
  ['something behind', 'price == 3 price'],
  ['an open bracket', '(price == 3'],
  ['a template that is not given', 'id == {v1}'],
  ['an empty list', 'id in []'],
])('%s is refused', (_, text) => {
  expect(() => passes(text)).toThrow(/cannot parse expression/)
})

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseRecords, sniffDelimiter } from './delimited-text.ts'

test('reads back what was written by RFC 4180', () => {
  const quoted = (field: string): string => `"${field.replaceAll('"', '""')}"`
  const field = fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r', ' ', 'é') })
  const records = fc.array(fc.array(field, { minLength: 2, maxLength: 4 }), { minLength: 1, maxLength: 5 })
  fc.assert(
    fc.property(records, fc.constantFrom('\n', '\r\n'), (given, end) => {
      const text = given.map((record) => record.map(quoted).join(',') + end).join('')
      expect(parseRecords(text, ',', { whole: false, limit: 10 })).toEqual(given)
    }),
  )
})

test.each([
  ['a,b\nc,d', false, [['a', 'b']]],
  [
    'a,b\nc,d',
    true,
    [
      ['a', 'b'],
      ['c', 'd'],
    ],
  ],
  ['\n\na,\n\r\n', false, [['a', '']]],
  ['5" pipe,2\n', false, [['5" pipe', '2']]],
  ['a,"b\nc', false, []],
])('%j, whole: %s', (text, whole, expected) => {
  expect(parseRecords(text, ',', { whole, limit: 10 })).toEqual(expected)
})

test.each([
  ['2019-10-01 00:00:00 UTC\ta\n2019-10-01 00:00:01 UTC\tb\n', '\t'],
  ['a;1,5;b\nc;2;d\n', ';'],
  ['a b,c\nd e,f\n', ','],
  ['a\nb\n', undefined],
  ['a b\nc\n', undefined],
])('the delimiter of %j is %j', (text, expected) => {
  expect(sniffDelimiter(text, { whole: false })).toBe(expected)
})

test('where quotes are characters as others, a line end always ends a record', () => {
  const text = 'a\t"Heroes\nb\tLow"\n"c"\t""\n'
  const options = { whole: true, limit: 10, quotes: false }
  expect(parseRecords(text, '\t', options)).toEqual([
    ['a', '"Heroes'],
    ['b', 'Low"'],
    ['"c"', '""'],
  ])
  expect(sniffDelimiter(text, options)).toBe('\t')
})

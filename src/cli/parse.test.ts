import { InvalidArgumentError } from 'commander'
import { expect, test } from 'vitest'
import { instant, list, listed, numbers, seed, wholeNumber } from './parse.ts'

test.each([
  ['A13,A16', ['A13', 'A16']],
  [' A13 , A16 ', ['A13', 'A16']],
  ['A13,,A16,', ['A13', 'A16']],
  ['two words,A16', ['two words', 'A16']],
  ['27" screen,A16', ['27" screen', 'A16']],
  ['" A13 ",A16', [' A13 ', 'A16']],
  [' "Shoe, red" ,"", "a ""b"""', ['Shoe, red', '', 'a "b"']],
  ['" ","\n"', [' ', '\n']],
])('a list of %j', (text, expected) => {
  expect(list(text)).toEqual(expected)
  expect(list(listed(expected))).toEqual(expected)
})

test.each(['"A13', '"A13"x,A16', 'A16,"', '"a"b"'])('quotes that do not end are refused: %j', (text) => {
  expect(() => list(text)).toThrow(InvalidArgumentError)
})

test.each([
  ['2014-08-01', '2014-08-01T00:00:00Z'],
  ['2014-08-01T12:30:15', '2014-08-01T12:30:15Z'],
  ['2014-08-01 12:30', '2014-08-01T12:30:00Z'],
  ['2014-08-01T12:00:00.5+02:00', '2014-08-01T10:00:00.500Z'],
])('%s is an instant, in UTC where it has no zone', (text, expected) => {
  expect(new Date(instant(text))).toEqual(new Date(expected))
})

test.each(['2014-02-30', '2014-13-01', '2014-08-01 noon', '2014-08-01T25:00', '2014-08-01x', '1406851200'])(
  '%s is no instant',
  (text) => {
    expect(() => instant(text)).toThrow(InvalidArgumentError)
  },
)

test.each(['', ' ', ',', ' , ,'])('nothing between commas is refused, and not taken for none: %j', (text) => {
  for (const parse of [list, numbers]) expect(() => parse(text)).toThrow(InvalidArgumentError)
})

test('a long text is read in time that grows as it does', () => {
  const many = Array.from({ length: 20_000 }, (_, at) => (at % 2 === 0 ? `i${at}   ` : `" ${at}"`))
  expect(list(many.join(','))).toHaveLength(many.length)
  expect(() => list(`${' '.repeat(20_000)}"`)).toThrow(InvalidArgumentError)
})

test.each(['99999999999999999999', '-1', '1.5', 'one', ''])('%s is no seed', (text) => {
  expect(() => seed(text)).toThrow(InvalidArgumentError)
})

test('whole numbers from the least on, and seeds up to the last that is exact', () => {
  expect([wholeNumber(1)('1'), seed('0'), seed('9007199254740991')]).toEqual([1, 0, 2 ** 53 - 1])
  expect(() => wholeNumber(1)('0')).toThrow('Expected a whole number from 1 to 9007199254740991, received')
})

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compareCodePoints } from '../expressions/code-points.ts'
import { vocabularyOf } from './vocabulary.ts'

const state = { keys: [['b'], ['B']], columns: { code: [2, 3], count: [3, 2] }, totals: {} }

test('values and their codes', () => {
  const vocabulary = vocabularyOf(state, 2)
  expect([vocabulary.size, vocabulary.values, vocabulary.counts]).toEqual([4, ['b', 'B'], [3, 2]])
  expect(['b', 'B', 'rare', ''].map((raw) => vocabulary.encode(raw))).toEqual([2, 3, 1, 1])
  expect([2, 3].map((code) => vocabulary.decode(code))).toEqual(['b', 'B'])
})

test('behind buckets, and of two columns together', () => {
  const vocabulary = vocabularyOf(
    {
      ...state,
      keys: [
        ['b', 'x'],
        ['B', 'y'],
      ],
    },
    12,
  )
  expect([vocabulary.size, vocabulary.decode(13), vocabulary.encode('b & x')]).toEqual([14, 'B & y', 12])
  expect(() => vocabulary.decode(11)).toThrow(/from 12 to 13, received 11 \(a bucket/)
})

test.each([0, 1, 4, -1, 2.5, Number.NaN])('no raw value has the code %s', (code) => {
  expect(() => vocabularyOf(state, 2).decode(code)).toThrow(/code from 2 to 3/)
})

test('code points are the order of UTF-8 bytes', () => {
  const text = fc.string({ unit: 'binary' })
  fc.assert(
    fc.property(text, text, (left, right) => {
      const expected = Buffer.compare(Buffer.from(left), Buffer.from(right))
      expect(Math.sign(compareCodePoints(left, right))).toBe(expected)
    }),
  )
})

test('no two keys of several columns have one name', () => {
  const part = fc.constantFrom('', 'a', '&', ' & ', 'a & b', '[', '["a', '"', ',', 'b","c"]', '\\')
  fc.assert(
    fc.property(fc.uniqueArray(fc.tuple(part, part), { selector: String, minLength: 2 }), (pairs) => {
      const keys = [...new Set(pairs.map((key) => JSON.stringify(key)))].map(
        (key) => JSON.parse(key) as string[],
      )
      const own = { keys, columns: { count: keys.map(() => 1) }, totals: {} }
      const vocabulary = vocabularyOf(own, 2)
      expect(vocabulary.values.map((value) => vocabulary.encode(value))).toEqual(
        [...keys.keys()].map((at) => at + 2),
      )
    }),
  )
})

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compareCodePoints } from '../expressions/code-points.ts'
import { createVocabulary, fitVocabulary } from './vocabulary.ts'

test('falling counts, ties by code point, missing values not counted', () => {
  const column = {
    values: ['ｚ', '😀', 'b', 'rare', 'B'],
    codes: Int32Array.of(0, 0, 1, 1, 2, 2, 2, 3, 4, 4, -1, -1, -1, -1),
  }
  const vocabulary = fitVocabulary(column, { minCount: 2 })
  expect(vocabulary.values).toEqual(['b', 'B', 'ｚ', '😀'])
  expect(vocabulary.counts).toEqual([3, 2, 2, 2])
  expect(vocabulary.size).toBe(6)
  expect(['b', 'B', 'ｚ', '😀', 'rare', ''].map((raw) => vocabulary.encode(raw))).toEqual([2, 3, 4, 5, 1, 1])
  expect([2, 3, 4, 5].map((code) => vocabulary.decode(code))).toEqual(['b', 'B', 'ｚ', '😀'])
})

test.each([0, 1, 4, -1, 2.5, Number.NaN])('no raw value has the code %s', (code) => {
  const decode = (): string => createVocabulary(['a', 'b'], [1, 1]).decode(code)
  expect(decode).toThrow(/code from 2 to 3/)
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

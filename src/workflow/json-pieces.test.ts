import fc from 'fast-check'
import { expect, test } from 'vitest'
import { jsonPieces } from './json-pieces.ts'

const joined = (value: unknown): string => [...jsonPieces(value)].join('')

test('together they are what JSON.stringify writes', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(joined(value)).toBe(JSON.stringify(value))
    }),
  )
  const keys = Array.from({ length: 25_001 }, (_, at) => [`"${at}" 日本`])
  const state = { keys, columns: { count: keys.map((_, at) => at) }, totals: {}, none: undefined }
  expect(joined({ states: [[[3, state]]] })).toBe(JSON.stringify({ states: [[[3, state]]] }))
})

test('none is much longer than the others, however long the whole is', () => {
  const pieces = [...jsonPieces({ keys: Array.from({ length: 300_000 }, (_, at) => [String(at)]) })]
  expect(pieces.length).toBeGreaterThan(5)
  expect(Math.max(...pieces.map(({ length }) => length))).toBeLessThan(500_000)
})

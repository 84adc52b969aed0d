import { expect, test } from 'vitest'
import { mergedNames } from './merged-names.ts'

test.each<[string, string[], string]>([
  ['begins later', ['345', '12345'], '12345'],
  ['ends earlier', ['123', '12345'], '12345'],
  ['has none of the others', ['12', '34'], '1234'],
  ['has every second', ['135', '12345', '4567'], '1234567'],
  ['has one twice', ['121', '13'], '123'],
  ['goes the other way', ['12', '21'], '12'],
])('the first list %s', (_, lists, expected) => {
  expect(mergedNames(lists.map((list) => Array.from(list))).join('')).toBe(expected)
})

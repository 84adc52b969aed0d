import { expect, test } from 'vitest'
import { chosenParts, type PreparedPart, type Selection } from './select-parts.ts'

const divided = (window: number): readonly PreparedPart[] =>
  (['train', 'valid', 'test'] as const).map((part) => ({ file: `${window}/${part}`, window, part }))
const folders = {
  whole: [{ file: 'sessions', window: 0, part: 'all' }],
  parts: divided(0),
  days: [...divided(1), ...divided(3)],
} satisfies Record<string, readonly PreparedPart[]>

test.each<readonly [keyof typeof folders, Selection, string]>([
  ['whole', {}, 'sessions'],
  ['whole', { part: 'all' }, 'sessions'],
  ['parts', { part: 'valid' }, '0/valid'],
  ['parts', { part: 'all' }, '0/train 0/valid 0/test'],
  ['days', { part: 'train' }, '1/train 3/train'],
  ['days', { part: 'all', windows: [2, 9] }, '3/train 3/valid 3/test'],
])('of %s, %j', (name, selection, expected) => {
  expect(chosenParts('folder', folders[name], selection).join(' ')).toBe(expected)
})

test.each<readonly [keyof typeof folders, unknown, string, string]>([
  ['whole', { part: 'train' }, 'SESSIONS_TOO_FEW', 'one file that is not divided'],
  ['parts', { windows: [1, 2] }, 'SESSIONS_TOO_FEW', 'not divided by time'],
  ['days', { windows: [2, 2] }, 'SESSIONS_TOO_FEW', 'windows 1 to 3'],
  ['days', { part: 'validation' }, 'OPTION_INVALID', 'valid'],
  ['days', { windows: [3, 1] }, 'OPTION_INVALID', 'at least 3'],
  ['days', { windows: [0, 1] }, 'OPTION_INVALID', 'at least 1'],
  ['days', { windows: [1] }, 'OPTION_INVALID', 'the first and the last'],
  ['days', { window: [1, 1] }, 'OPTION_UNKNOWN', 'windows'],
])('of %s, %j is refused', (name, selection, code, part) => {
  expect(() => chosenParts('folder', folders[name], selection as Selection)).toThrow(
    expect.objectContaining({ code, message: expect.stringContaining(part) as string }),
  )
})

import { expect, test } from 'vitest'
import { severalValuesOf } from './several-values.ts'

const genres = ['Action', 'Comedy', 'Drama', 'Film-Noir', 'War']
/** All pairs of different genres, and each alone. */
const lists = genres.flatMap((one, at) => [[one], ...genres.slice(at + 1).map((other) => [one, other])])
const joined = (separator: string): readonly string[] => lists.map((list) => list.join(separator))
const places = Array.from({ length: 40 }, (_, at) => `Town ${at}, ${['Peru', 'Chad'][at % 2]!}`)

test.each<readonly [string, readonly (string | null)[], ReturnType<typeof severalValuesOf>]>([
  ['bars', joined('|'), { separator: '|', most: 2 }],
  ['semicolons', joined(';'), { separator: ';', most: 2 }],
  ['commas with spaces, and rows without a value', [null, ...joined(', ')], { separator: ',', most: 2 }],
  ['one that is longer', [...joined('|'), genres.join('|')], { separator: '|', most: 5 }],
  ['texts again and again', joined('|').flatMap((text) => [text, text]), { separator: '|', most: 2 }],
  ['single values', genres, undefined],
  ['nothing', [null], undefined],
  ['too few to tell', joined('|').slice(0, 8), undefined],
  ['a path', joined('.'), undefined],
  ['places with their country', places, undefined],
  ['always two, such as colour and size', joined('|').filter((text) => text.includes('|')), undefined],
  ['values that never come again', places.map((text, at) => (at % 2 ? text : `${text}, ${at}`)), undefined],
  ['hardly one of many', [...joined('|'), ...Array.from({ length: 60 }, (_, at) => `t${at}`)], undefined],
])('%s', (_, sample, expected) => {
  expect(severalValuesOf(sample)).toEqual(expected)
})

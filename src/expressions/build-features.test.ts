import { expect, test } from 'vitest'
import * as e from './build.ts'

const x = e.column('price', 'number')

test.each([
  [e.continuous('price'), x],
  [e.continuous('price', { fill: 0 }), e.fillMissing(x, 0)],
  [
    e.continuous('price', { scale: 'normalize', transform: 'log', fill: 'median' }),
    e.normalize(e.log(e.fillMedian(x))),
  ],
  [e.continuous('price', { transform: 'none', scale: 'minMax' }), e.minMax(x)],
  [e.category('brand'), e.categorify(e.column('brand', 'text'))],
  [e.category('brand', { minCount: 2 }), e.categorify(e.column('brand', 'text'), { minCount: 2 })],
  [e.present(x), e.not(e.isMissing(x))],
])('a shorthand is the tree that it stands for: %#', (short, long) => {
  expect(short).toEqual(long)
})

test.each([
  [{ scale: 'standard' }, /scale must be one of none, normalize, minMax, received 'standard'/],
  [{ transform: 'sqrt' }, /transform must be one of none, log/],
  [{ fill: 'mean' }, /fill.*must be a number, received 'mean'/],
  [{ fill: null }, /fill.*must be a number/],
  [{ fill: NaN }, /fill.*must be a number/],
  [{ scaled: 'none' }, /Did you mean 'scale'/],
  [null, /expects an object of options/],
])('continuous refuses %o', (options, message) => {
  expect(() => e.continuous('price', options as e.ContinuousOptions)).toThrow(message)
})

test('several values are the parts of a text by one vocabulary', () => {
  const text = e.column('genres', 'text')
  const parts = [0, 1, 2].map((index) => e.part(text, { separator: '|', index }))
  const [one, two, three] = e.jointly(parts, { minCount: 2, maxSize: 9, buckets: 1 })
  expect(
    e.severalValues('genre', text, { separator: '|', most: 3, minCount: 2, maxSize: 9, buckets: 1 }),
  ).toEqual({ genre_1: one, genre_2: two, genre_3: three })
  const single = e.severalValues('genre', text, { separator: '|', most: 1 })
  expect(single).toEqual({ genre_1: e.jointly(parts.slice(0, 1))[0] })
})

test.each([
  [{ separator: '|' }, /most must be a whole number at least 1 and at most 100, received undefined/],
  [{ separator: '|', most: 0 }, /most must be/],
  [{ separator: '|', most: 101 }, /most must be/],
  [{ separator: '|', most: 1.5 }, /most must be/],
  [{ most: 2 }, /a separator is expected, received undefined/],
  [{ separator: '', most: 2 }, /a separator is expected, received ""/],
  [{ separator: '|', most: 2, minCount: 0 }, /minCount/],
  [{ separator: '|', most: 2, maxsize: 9 }, /Did you mean 'maxSize'/],
  [undefined, /expects an object of options/],
])('several values refuse %o', (options, message) => {
  const text = e.column('genres', 'text')
  expect(() => e.severalValues('genre', text, options as e.SeveralValuesOptions)).toThrow(message)
})

test('several values need a name and a column', () => {
  const options = { separator: '|', most: 2 }
  const text = e.column('genres', 'text')
  for (const name of ['', null, text, '\ud800'])
    expect(() => e.severalValues(name as string, text, options)).toThrow(/a name for the features/)
  expect(() => e.severalValues('genre', 'genres', options)).toThrow(/column\('genres', 'text'\)/)
})

test('a category refuses options that are not those of categorify', () => {
  expect(() => e.category('brand', { vocabulary: [] } as object)).toThrow(/has no option 'vocabulary'/)
})

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

test('a category refuses options that are not those of categorify', () => {
  expect(() => e.category('brand', { vocabulary: [] } as object)).toThrow(/has no option 'vocabulary'/)
})

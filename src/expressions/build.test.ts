import { expect, test } from 'vitest'
import * as e from './build.ts'

const text = e.column('brand', 'text')
const time = e.column('time', 'time')
const price = e.column('price', 'number')
const any = e as unknown as Readonly<Record<string, (...given: readonly unknown[]) => unknown>>

test.each<[string, readonly unknown[], RegExp]>([
  [
    'recentCount',
    [time],
    /recentCount expects an object of options, received undefined\. Known: by, windowMs\./,
  ],
  ['recentCount', [time, { by: text, windowMs: 1, buckets: 2 }], /no option 'buckets'/],
  ['recentCount', [time, { windowMs: 1 }], /received undefined/],
  ['groupStatistic', [price], /groupStatistic expects an object of options, received undefined/],
  ['groupStatistic', [price, 'mean'], /received 'mean'\. Known: by, statistic\./],
  ['groupStatistic', [price, { by: text }], /statistic must be one of .*received undefined/],
  ['targetEncode', [price], /targetEncode expects an object of options, received undefined/],
  ['targetEncode', [price, null], /received null/],
  ['targetEncode', [price, { by: text, fold: text, folds: 1 }], /folds must be/],
  ['targetEncode', [price, { by: text }], /'targetEncode': fold keeps .*received undefined/],
  ['cyclicSine', [price, 0], /'cyclicSine': the period is a number above 0, received 0/],
  ['cyclicCosine', [price, '7'], /'cyclicCosine': the period .*received "7"/],
  ['add', [price, NaN], /'add': an expression, a finite number.*received NaN/],
  ['similarity', [text, text, { left: {} }], /'similarity': a table is .*one key or more, received \{\}/],
  ['jointly', [], /'jointly': a list of texts is expected, received undefined/],
  ['jointly', [text], /'jointly': a list of texts is expected, received \{"op":"column"/],
  ['javascript', ['double'], /'javascript': a list of inputs is expected, received undefined/],
  ['javascript', ['double', [time]], /javascript 'double' expects an object of options, received undefined/],
  ['javascript', ['double', [time], 'number'], /received 'number'\. Known: type\./],
  ['javascript', [undefined, [time], { type: 'number' }], /the name of a function.*received undefined/],
])('%s refuses what is not meant for it', (name, given, message) => {
  const call = (): unknown => any[name]!(...given)
  expect(call).toThrow(message)
  expect(call).toThrow(expect.objectContaining({ name: 'EnsuiteError' }) as Error)
})

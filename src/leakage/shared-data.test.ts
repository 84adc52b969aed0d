import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { sharedData, sharedNote } from '../datasets/prepared.test-support.ts'
import { leaksOf } from './leaks-of.test-support.ts'

/** Data set, folder, what of its events is read as codes, and as numbers. */
const sets: readonly (readonly [string, string, readonly string[], readonly string[]])[] = [
  ['eshop-clothing', 'eshop_clothing_2008', ['country', 'category', 'colour', 'location', 'page'], ['price']],
  ['ml-100k', 'ml-100k', ['genres'], ['rating']],
  ['ml-1m', 'ml-1m', ['genres'], ['rating']],
  ['amazon-beauty', 'amazon_beauty_enriched', ['brand'], ['price']],
  ['yoochoose', 'rsc15_100k', [], []],
  ['rees46', 'rees46_sample_5k', ['category_id', 'brand', 'event_type'], ['price']],
  ['diginetica', 'diginetica_raw_sample', ['category', 'user'], []],
  ['diginetica', 'gcegnn_diginetica', [], []],
]

it('the clothing shop of the examples, divided by time, has no leaks', async () => {
  const folder = fileURLToPath(new URL('../../examples/eshop-clothing', import.meta.url))
  expect(
    await leaksOf('eshop-clothing', {
      folder,
      codes: ['country', 'category', 'colour', 'location', 'page'],
      numbers: ['price'],
    }),
  ).toEqual([])
})

describe.skipIf(sharedNote !== '')(`real logs${sharedNote}`, () => {
  it.each(sets)('%s of %s divided by time has no leaks', async (name, from, codes, numbers) => {
    expect(await leaksOf(name, { folder: join(sharedData, from), codes, numbers })).toEqual([])
  })
})

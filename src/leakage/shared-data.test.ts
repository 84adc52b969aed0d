import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { fitSplit } from '../data/index.ts'
import { prepareFrom, sharedData, sharedNote } from '../datasets/prepared.test-support.ts'
import { expressions as f } from '../expressions/index.ts'
import { workflow } from '../workflow/index.ts'
import { checkLeakage } from './check-leakage.ts'
import type { LeakFinding } from './leakage-input.ts'

/** Data set, folder, what of its events is read as codes, and as numbers. */
const sets: readonly (readonly [string, string, readonly string[], readonly string[]])[] = [
  ['eshop-clothing', 'eshop_clothing_2008', ['country', 'category', 'colour', 'location', 'page'], ['price']],
  ['ml-100k', 'ml-100k', ['genres'], ['rating']],
  ['ml-1m', 'ml-1m', ['genres'], ['rating']],
  ['amazon-beauty', 'amazon_beauty_enriched', ['brand'], ['price']],
  ['yoochoose', 'rsc15_100k', [], []],
  ['rees46', 'rees46_sample_5k', ['category_id', 'brand', 'event_type'], ['price']],
  ['diginetica', 'diginetica_raw_sample', ['category', 'user'], []],
]

it('the clothing shop of the examples, divided by time, has no leaks', async () => {
  const folder = fileURLToPath(new URL('../../examples/eshop-clothing', import.meta.url))
  expect(
    await leaks('eshop-clothing', {
      folder,
      codes: ['country', 'category', 'colour', 'location', 'page'],
      numbers: ['price'],
    }),
  ).toEqual([])
})

describe.skipIf(sharedNote !== '')(`real logs${sharedNote}`, () => {
  it.each(sets)('%s divided by time has no leaks', async (name, from, codes, numbers) => {
    expect(await leaks(name, { folder: join(sharedData, from), codes, numbers })).toEqual([])
  })
})

async function leaks(
  name: string,
  {
    folder,
    codes,
    numbers,
  }: { readonly folder: string; readonly codes: readonly string[]; readonly numbers: readonly string[] },
): Promise<readonly LeakFinding[]> {
  const prepared = await prepareFrom(name, folder)
  const definition = workflow({
    ...{ session: 'session', item: 'item', time: 'time' },
    features: {
      ...Object.fromEntries(codes.map((column) => [column, f.category(column)])),
      ...Object.fromEntries(numbers.map((column) => [column, f.normalize(f.column(column, 'number'))])),
    },
  })
  const split = { kind: 'time', validation: 0.1, test: 0.1 } as const
  const events = { path: join(prepared.folder, 'events.parquet') }
  const { fitted, train, validation, test } = await fitSplit(definition, events, split)
  return checkLeakage({ train, validation, test, fitted, split: split.kind, now: Date.UTC(2025, 0, 1) })
}

import { join } from 'node:path'
import { expect, it } from 'vitest'
import { sharedData, sharedNote } from '../src/datasets/prepared.test-support.ts'
import { leaksOf } from '../src/leakage/leaks-of.test-support.ts'

it.skipIf(sharedNote !== '')(`G1 news divided by time has no leaks${sharedNote}`, async () => {
  const found = await leaksOf('g1', {
    folder: join(sharedData, 'g1_news'),
    codes: ['environment', 'device', 'os', 'country', 'region', 'referrer'],
    numbers: ['hour_sin', 'hour_cos', 'weekday_sin', 'weekday_cos', 'item_age_hours'],
  })
  expect(found).toEqual([])
})

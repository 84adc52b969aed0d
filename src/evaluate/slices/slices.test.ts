import { expect, test } from 'vitest'
import type { Sessions } from '../../data/sessions.ts'
import type { Scorer } from '../../baselines/scorer.ts'
import { evaluateRanking } from '../evaluate-ranking.ts'
import { sessionsOf } from '../sessions-of.test-support.ts'
import type { SliceOption } from './index.ts'

const items = 6
/** Scores 6, 5, …, 1 for the codes 2 to 7. */
const descending: Scorer = {
  name: 'descending',
  wholeSessions: true,
  score: ({ sessionIndices }) =>
    Float32Array.from({ length: sessionIndices.length * items }, (_, index) => items - (index % items)),
}
const DAY = 86_400_000
// Ranks among all: 1, 2, 6, miss, 1.
const bare = sessionsOf([
  [7, 2],
  [7, 6, 3],
  [2, 2, 2, 2, 2, 2, 7],
  [2, 1],
  [1, 3, 2],
])
const sessions: Sessions = {
  ...bare,
  categorical: { country: Int32Array.from(bare.items, (_, event) => (event < 5 ? 2 : event < 14 ? 1 : 3)) },
  // Sunday 2024-03-03 23:59:59 UTC, then Monday.
  times: Float64Array.from(bare.items, (_, event) => Date.UTC(2024, 2, 3) + (event < 5 ? DAY - 1000 : DAY)),
}
/** Codes 2 … 7 have 50, 25, 15, 6, 3 and 1 events. */
const train = sessionsOf([
  [50, 25, 15, 6, 3, 1].flatMap((count, at) => Array.from({ length: count }, () => at + 2)),
])

const recallBy = async (slice: SliceOption): Promise<readonly (readonly [string, number, number])[]> => {
  const result = await evaluateRanking(descending, sessions, {
    ...{ items, ks: [1], filterSeen: false, train, slices: [slice] },
  })
  return Object.values(result.slices!)[0]!.map((group) => [
    group.name,
    group.sessions,
    group.metrics['recall@1']!,
  ])
}

test('by the known events before the target', async () => {
  expect(await recallBy('length')).toEqual([
    // The fifth session has one unknown event, which is skipped.
    ['1', 3, 2 / 3],
    ['2', 1, 0],
    ['6-10', 1, 0],
  ])
})

test('by the popularity of the target: the first and the last 20 % of the events', async () => {
  // Code 2 has the first 50 %; code 3 the next 25 %; before code 7 are 99 %.
  expect(await recallBy('popularity')).toEqual([
    ['head', 2, 1],
    ['torso', 1, 0],
    ['tail', 1, 0],
    ['unknown', 1, 0],
  ])
})

test('by how often the target was trained on', async () => {
  const rare = sessionsOf([[2, 3, 2, 2, 2, 2]])
  const result = await evaluateRanking(descending, sessions, {
    ...{ items, ks: [1], train: rare, slices: ['new-items'] },
  })
  expect(result.slices!['new-items']!.map(({ name, sessions: count }) => [name, count])).toEqual([
    ['unknown', 1],
    ['0 events', 1],
    ['1-4 events', 1],
    ['5+ events', 2],
  ])
})

test('by the time of the target, in UTC', async () => {
  const named = async (slice: SliceOption): Promise<readonly unknown[]> =>
    (await recallBy(slice)).map(([name, count]) => [name, count])
  expect(await named('hour')).toEqual([
    ['2024-03-03T23:00', 2],
    ['2024-03-04T00:00', 3],
  ])
  expect(await named('day')).toEqual([
    ['2024-03-03', 2],
    ['2024-03-04', 3],
  ])
  expect(await named('week')).toEqual([
    ['2024-02-26', 2],
    ['2024-03-04', 3],
  ])
  expect(await named('month')).toEqual([['2024-03', 5]])
})

test('by a feature at the last event before the target, by code and by name', async () => {
  expect(await recallBy({ feature: 'country' })).toEqual([
    ['2', 2, 0.5],
    ['3', 1, 1],
    ['unknown', 2, 0],
  ])
  const named = await recallBy({ feature: 'country', nameOf: (code) => `country ${code}` })
  expect(named.map(([name]) => name)).toEqual(['country 2', 'country 3', 'unknown'])
  const taken = await recallBy({ feature: 'country', nameOf: () => 'unknown' })
  expect(taken).toEqual([
    ['unknown', 2, 0],
    ['unknown (a value)', 3, expect.closeTo(2 / 3, 12)],
  ])
})

test('groups together are the whole, and one session has no standard error', async () => {
  const all = await evaluateRanking(descending, sessions, {
    ...{ items, ks: [3], filterSeen: false, train, beyond: {}, slices: ['length', 'day'] },
  })
  for (const groups of Object.values(all.slices!))
    for (const metric of ['ndcg@3', 'mrr@3', 'novelty@3'] as const)
      expect(
        groups.reduce((sum, group) => sum + group.sessions * group.metrics[metric]!, 0) / all.sessions,
      ).toBeCloseTo(all[metric]!, 12)
  const [many, one] = all.slices!['length']!
  expect(many!.standardErrors['ndcg@3']).toBeGreaterThan(0)
  expect(one!.standardErrors).toEqual({})
  expect(JSON.parse(JSON.stringify(all))).toEqual(all)
})

test.each<[string, object, string, RegExp]>([
  ['another name', { slices: ['lenght'] }, 'OPTION_INVALID', /Did you mean 'length'/],
  ['a name twice', { slices: ['length', 'length'] }, 'OPTION_INVALID', /twice/],
  ['no list', { slices: 'length' }, 'OPTION_INVALID', /is a list/],
  ['another option of a feature', { slices: [{ column: 'a' }] }, 'OPTION_UNKNOWN', /feature/],
  ['a feature that is none', { slices: [{ feature: 'contry' }] }, 'OPTION_UNKNOWN', /Did you mean 'country'/],
  ['popularity without training', { train: undefined, slices: ['popularity'] }, 'OPTION_INVALID', /train/],
  ['training for nothing', { slices: [] }, 'OPTION_INVALID', /changes nothing/],
])('%s is refused', async (_, change, code, says) => {
  const failure = evaluateRanking(descending, sessions, {
    ...{ items, ks: [1], train, slices: ['length'] },
    ...change,
  })
  await expect(failure).rejects.toMatchObject({ code })
  await expect(failure).rejects.toThrow(says)
})

test('times that are none, or missing, are refused', async () => {
  const { times: _, ...timeless } = sessions
  for (const strange of [timeless, { ...sessions, times: sessions.times!.map((time) => time * 1e6) }])
    await expect(
      evaluateRanking(descending, strange, { ...{ items, ks: [1], slices: ['day'] } }),
    ).rejects.toMatchObject({ code: 'OPTION_INVALID' })
})

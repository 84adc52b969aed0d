import { expect, test } from 'vitest'
import { RESERVED } from '../codes.ts'
import { planEvaluation } from '../data/batches.ts'
import type { Sessions } from '../data/sessions.ts'
import { markov } from './markov.ts'
import { sessionsOf } from '../data/sessions-of.test-support.ts'

const a = 2
const b = 3
const c = 4
const d = 5
const e = 6
const unknown = 1

// Occurrences: a 4, b 4, c 3, d 1, e 0. After a: b twice, c once, d once. After b: a once, c once.
const train = sessionsOf([[a, b, c], [a, b, a, c], [b, unknown, a, d], [c], [b]])

/** The items best first, those tied together in one string. */
async function ranking(log: Sessions, prefix: readonly number[]): Promise<string[]> {
  const sessions = sessionsOf([[...prefix, e]])
  const batch = planEvaluation(sessions, { maxLength: 10, batchSize: 1 }).batch(0)
  const scores = await markov().fit(log, { items: 5 }).score(batch, sessions)
  const byScore = new Map<number, string>()
  for (const [column, score] of scores.entries())
    byScore.set(score, (byScore.get(score) ?? '') + 'abcde'[column + RESERVED - a]!)
  return [...byScore.keys()].toSorted((left, right) => right - left).map((score) => byScore.get(score)!)
}

test.each<[string, number[], string[]]>([
  [
    'by count, then popularity among equal counts, then popularity of the rest',
    [a],
    ['b', 'c', 'd', 'a', 'e'],
  ],
  ['only the last event of the prefix decides', [c, d, a], ['b', 'c', 'd', 'a', 'e']],
  ['a follower that is less popular than others precedes them', [b], ['a', 'c', 'b', 'd', 'e']],
  ['nothing ever followed: popularity', [c], ['ab', 'c', 'd', 'e']],
  ['never seen in training: popularity', [e], ['ab', 'c', 'd', 'e']],
  ['an unknown last event is skipped', [a, unknown], ['b', 'c', 'd', 'a', 'e']],
  ['nothing known: popularity', [unknown], ['ab', 'c', 'd', 'e']],
])('%s', async (_, prefix, expected) => {
  expect(await ranking(train, prefix)).toEqual(expected)
})

test('a higher count wins over any popularity', async () => {
  // b occurs often, but came after a once; c came twice and occurs twice.
  const log = sessionsOf([[a, b], [a, c], [a, c], ...Array.from({ length: 50 }, () => [b])])
  expect(await ranking(log, [a])).toEqual(['c', 'b', 'a', 'de'])
})

test('each row of a batch has the scores of its own session', async () => {
  const sessions = sessionsOf([
    [a, e],
    [c, e],
    [d, b, e],
  ])
  const scorer = markov().fit(train, { items: 5 })
  const together = await scorer.score(
    planEvaluation(sessions, { maxLength: 4, batchSize: 3 }).batch(0),
    sessions,
  )
  const plan = planEvaluation(sessions, { maxLength: 4, batchSize: 3 }).batch(0)
  for (const [row, session] of plan.sessionIndices.entries()) {
    const alone = sessionsOf([[[a], [c], [d, b]][session]!.concat(e)])
    const batch = planEvaluation(alone, { maxLength: 4, batchSize: 1 }).batch(0)
    expect(together.subarray(row * 5, row * 5 + 5)).toEqual(await scorer.score(batch, alone))
  }
})

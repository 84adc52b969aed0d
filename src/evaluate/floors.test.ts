import { expect, test } from 'vitest'
import { floors } from './floors.ts'
import { sessionsOf } from './sessions-of.test-support.ts'

// Occurrences: code 2 five times, 3 three times, 4 twice, 5 twice, 6 once. After 2: 4 twice, 3 once. After 3: 5 twice, 2 once.
const train = sessionsOf([[2, 4], [2, 4], [2, 3, 5], [3, 5], [3, 2], [2], [6]])
const sessions = sessionsOf([
  [2, 4], // popularity without 2: 3, then 4 and 5 tied: 2.5. Markov: 1.
  [4, 3, 5], // popularity without 3 and 4: 2, 5: 2. Markov: 1.
  [6, 2, 5], // popularity without 6 and 2: 3, then 4 and 5 tied: 2.5. Markov: 4, 3, 5: 3.
  [5, 6], // popularity without 5: 2, 3, 4, 6: 4. Markov knows nothing after 5: 4.
])

test('two floors by hand', async () => {
  const options = { items: 5, maxLength: 2, ks: [2, 3] }
  const result = await floors(train, sessions, options)
  expect(await floors(train, sessions, { items: 5, ks: [2, 3] })).toEqual(result)
  expect(result.popularity).toMatchObject({ sessions: 4, 'recall@2': 0.25, 'recall@3': 0.75 })
  expect(result.popularity['mrr@3']).toBeCloseTo((0.4 + 0.5 + 0.4) / 4, 12)
  expect(result.markov).toMatchObject({ sessions: 4, 'recall@2': 0.5, 'recall@3': 0.75 })
  expect(result.markov['mrr@3']).toBeCloseTo((1 + 1 + 1 / 3) / 4, 12)
})

test('a planted chain is learnt by Markov, not by popularity; a shuffled one by neither', async () => {
  const items = 40
  // A small generator with a fixed start, so that the test is the same on every machine.
  let state = 7
  const draw = (): number => (state = (state * 48271) % 2147483647) % items
  const log = (next: (item: number) => number): number[][] =>
    Array.from({ length: 400 }, () => {
      const session = [draw()]
      for (let event = 1; event < 6; event++) session.push(next(session[event - 1]!))
      return session.map((item) => item + 2)
    })
  const options = { items, maxLength: 5, ks: [1], filterSeen: false }
  const measure = async (next: (item: number) => number): Promise<[number, number]> => {
    const { popularity, markov } = await floors(sessionsOf(log(next)), sessionsOf(log(next)), options)
    return [popularity['recall@1']!, markov['recall@1']!]
  }
  const [plantedPopularity, plantedMarkov] = await measure((item) => (item * 7 + 3) % items)
  expect(plantedMarkov).toBe(1)
  expect(plantedPopularity).toBeLessThan(0.1)
  const [, shuffledMarkov] = await measure(() => draw())
  expect(shuffledMarkov).toBeLessThan(0.1)
})

test.each<[string, readonly unknown[], RegExp]>([
  ['nothing', [], /floors: train expects sessions in memory.*received undefined/],
  ['no sessions', [train, {}], /floors: sessions expects sessions in memory.*received an object/],
  ['no options', [train, sessions], /floors: items must be a whole number at least 1, received undefined/],
  ['a number of items alone', [train, sessions, 5], /floors: items must be/],
])('%s is refused', async (_, given, message) => {
  const refused = (floors as (...all: readonly unknown[]) => Promise<unknown>)(...given)
  await expect(refused).rejects.toMatchObject({ code: 'OPTION_INVALID' })
  await expect(refused).rejects.toThrow(message)
})

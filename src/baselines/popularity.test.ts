import { expect, test } from 'vitest'
import { planEvaluation } from '../data/batches.ts'
import { popularity } from './popularity.ts'
import { sessionsOf } from '../data/sessions-of.test-support.ts'

test('scores every prefix by the order of the counts, ties equal', async () => {
  // Counts: code 2 twice, 3 four times, 4 never, 5 twice.
  const train = sessionsOf([
    [3, 2, 3, 5],
    [3, 1, 5, 2, 3],
  ])
  const sessions = sessionsOf([
    [4, 3],
    [1, 2],
  ])
  const batch = planEvaluation(sessions, { maxLength: 4, batchSize: 2 }).batch(0)
  const scorer = popularity().fit(train, { items: 4 })
  expect(scorer.name).toBe('popularity')
  expect(await scorer.score(batch, sessions)).toEqual(Float32Array.of(1, 2, 0, 1, 1, 2, 0, 1))
})

test('an unknown option is refused', () => {
  const options = { items: 4, itmes: 4 }
  expect(() => popularity().fit(sessionsOf([[2, 3]]), options)).toThrow("Did you mean 'items'?")
})

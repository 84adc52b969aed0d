import { expect, test } from 'vitest'
import { createRandom } from '../random.ts'
import { planTraining } from './batches.ts'
import { epochRandom } from './epoch-random.ts'
import { sessionsOf } from './sessions-of.test-support.ts'

const STREAM = 0x6f720000

test.each([0, 1, 65_535])('epoch %d draws by its stream and the seed alone', (epoch) => {
  const draws = (seed: number) => epochRandom(seed, STREAM, epoch).state()
  expect(draws(7)).toEqual(createRandom(7, STREAM + epoch).state())
  expect(draws(2 ** 53 - 1)).toEqual(createRandom(2 ** 53 - 1, STREAM + epoch).state())
})

test('later epochs have draws of their own, of any seed', () => {
  const epochs = [0, 1, 65_535, 65_536, 65_537, 131_072, 2 ** 21 - 1]
  for (const seed of [1, 2 ** 53 - 1]) {
    const states = epochs.map((epoch) => epochRandom(seed, STREAM, epoch).state().join())
    expect(new Set(states).size).toBe(epochs.length)
  }
})

test('a year of hours with ten epochs each is planned', () => {
  const sessions = sessionsOf(Array.from({ length: 40 }, (_, at) => [2 + at, 3 + at]))
  const order = (epoch: number) => [
    ...planTraining(sessions, { maxLength: 2, batchSize: 40, seed: 1, epoch }).batch(0).sessionIndices,
  ]
  expect(order(87_600)).not.toEqual(order(87_600 - 65_536))
  expect(order(87_600)).not.toEqual(order(87_599))
  expect(order(87_600).sort((left, right) => left - right)).toEqual([...Array(40).keys()])
})

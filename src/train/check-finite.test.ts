import { expect, test } from 'vitest'
import { checkFinite } from './check-finite.ts'

test.each([
  [NaN, 1],
  [Infinity, 1],
  [2, NaN],
  [2, Infinity],
])('a loss of %d with a norm of %d has diverged', (loss, gradientNorm) => {
  const check = (): void => {
    checkFinite({ loss, gradientNorm }, { update: 17, learningRate: 0.25 })
  }
  expect(check).toThrow(expect.objectContaining({ code: 'TRAINING_DIVERGED' }) as Error)
  expect(check).toThrow(/update 17 .*anew with a lower learning rate \(now 0\.25\).*another folder/)
})

test('finite numbers pass', () => {
  expect(() => checkFinite({ loss: 1e30, gradientNorm: 0 }, { update: 1, learningRate: 1 })).not.toThrow()
})

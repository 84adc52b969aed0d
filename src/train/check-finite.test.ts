import { expect, test } from 'vitest'
import { checkFinite } from './check-finite.ts'
import { optimizerOptions } from './optimizer.ts'

test.each([
  [NaN, 1],
  [Infinity, 1],
  [2, NaN],
  [2, Infinity],
])('a loss of %d with a norm of %d has diverged', (loss, gradientNorm) => {
  const check = (): void => {
    checkFinite({ loss, gradientNorm }, 17, optimizerOptions({ learningRate: 0.25 }))
  }
  expect(check).toThrow(expect.objectContaining({ code: 'TRAINING_DIVERGED' }) as Error)
  expect(check).toThrow(/update 17 .*learning rate \(now 0\.25\)/)
})

test('finite numbers pass', () => {
  expect(() => checkFinite({ loss: 1e30, gradientNorm: 0 }, 1, optimizerOptions())).not.toThrow()
})

import { expect, test } from 'vitest'
import { optimizerOptions } from './optimizer.ts'

test('what is left out has its default', () => {
  const defaults = {
    learningRate: 1e-3,
    beta1: 0.9,
    beta2: 0.999,
    epsilon: 1e-8,
    weightDecay: 0.01,
    clipNorm: 1,
  }
  expect(optimizerOptions()).toEqual(defaults)
  expect(optimizerOptions({ beta2: 0.98, clipNorm: Infinity })).toEqual({
    ...defaults,
    beta2: 0.98,
    clipNorm: Infinity,
  })
})

const inside: readonly (readonly [string, number])[] = [
  ['learningRate', 0],
  ['beta1', 0],
  ['beta2', 0],
  ['epsilon', 1e-30],
  ['weightDecay', 0],
  ['clipNorm', 1e-9],
]
test.each(inside)('%s may be %d', (name, value) => {
  expect(optimizerOptions({ [name]: value })).toMatchObject({ [name]: value })
})

const outside: readonly (readonly [string, unknown])[] = [
  ['learningRate', -1e-9],
  ['learningRate', Infinity],
  ['learningRate', '0.1'],
  ['beta1', 1],
  ['beta1', -0.1],
  ['beta2', 1],
  ['epsilon', 0],
  ['epsilon', -1],
  ['weightDecay', -0.1],
  ['weightDecay', NaN],
  ['clipNorm', 0],
  ['clipNorm', -Infinity],
  ['clipNorm', NaN],
]
test.each(outside)('%s may not be %s', (name, value) => {
  expect(() => optimizerOptions({ [name]: value })).toThrow(
    expect.objectContaining({
      code: 'OPTION_INVALID',
      message: expect.stringContaining(name) as string,
    }) as Error,
  )
})

test('a misspelt option names the nearest', () => {
  expect(() => optimizerOptions({ learningrate: 1 } as object)).toThrow(
    expect.objectContaining({
      code: 'OPTION_UNKNOWN',
      message: expect.stringContaining("'learningRate'") as string,
    }) as Error,
  )
})

import { describe, expect, test } from 'vitest'
import { optimizerOptions } from './optimizer.ts'
import type { OptimizerOptions } from './optimizers/index.ts'

test('what is left out has its default', () => {
  const defaults = {
    kind: 'adamw',
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

describe('of each kind', () => {
  const common = { weightDecay: 0, clipNorm: 1 }
  test.each<[OptimizerOptions, object]>([
    [{ kind: 'adam' }, { learningRate: 1e-3, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 }],
    [{ kind: 'sgd' }, { learningRate: 1e-3, momentum: 0, nesterov: false }],
    [
      { kind: 'adagrad' },
      { learningRate: 1e-2, learningRateDecay: 0, epsilon: 1e-10, initialSum: 0, rowWise: false },
    ],
  ])('%j has the defaults of PyTorch', (options, defaults) => {
    expect(optimizerOptions(options)).toEqual({ ...options, ...common, ...defaults })
  })

  test.each<[object, string, string]>([
    [{ kind: 'adamv' }, 'OPTION_INVALID', "Did you mean 'adamw'?"],
    [{ momentum: 0.9 }, 'OPTION_INVALID', "'momentum' is of sgd, and its kind is 'adamw'"],
    [{ kind: 'sgd', beta1: 0.9 }, 'OPTION_INVALID', "'beta1' is of adamw, adam, and its kind is 'sgd'"],
    [{ kind: 'adam', rowWise: true }, 'OPTION_INVALID', "'rowWise' is of adagrad"],
    [{ kind: 'sgd', momentun: 0.9 }, 'OPTION_UNKNOWN', "'momentum'"],
    [{ kind: 'sgd', momentum: 1 }, 'OPTION_INVALID', 'momentum must be a number at least 0 and below 1'],
    [{ kind: 'sgd', momentum: 0.9, nesterov: 1 }, 'OPTION_INVALID', 'nesterov must be true or false'],
    [{ kind: 'sgd', nesterov: true }, 'OPTION_INVALID', "'nesterov' is of a momentum above 0"],
    [{ kind: 'adagrad', epsilon: 0 }, 'OPTION_INVALID', 'epsilon'],
    [{ kind: 'adagrad', initialSum: -1 }, 'OPTION_INVALID', 'initialSum'],
    [{ kind: 'adagrad', learningRateDecay: -1 }, 'OPTION_INVALID', 'learningRateDecay'],
    [{ kind: 'adagrad', rowWise: 'yes' }, 'OPTION_INVALID', 'rowWise must be true or false'],
  ])('%j is refused', (options, code, message) => {
    expect(() => optimizerOptions(options)).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(message) as string }) as Error,
    )
  })
})

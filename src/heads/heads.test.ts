import { describe, expect, test } from 'vitest'
import { graph, input } from '../graph/index.ts'
import { nodeRuntime } from '../graph/node.ts'
import { rootScope } from '../nn/index.ts'
import { binary, headOfKind, multiClass, nextItem, regression } from './index.ts'
import type { summaries } from './summary.ts'
import { summarise } from './summary.ts'

const runtime = nodeRuntime({ threads: 1 })

/** Two sessions of three and two places, of two numbers each; what is behind the second one's end is large, so that it is found out. */
const hidden = [
  [
    [1, 5],
    [2, 4],
    [3, -6],
  ],
  [
    [7, 1],
    [-1, 2],
    [100, 100],
  ],
]
const present = [
  [1, 1, 1],
  [1, 1, 0],
]

test.each([
  [
    'last',
    [
      [3, -6],
      [-1, 2],
    ],
  ],
  [
    'first',
    [
      [1, 5],
      [7, 1],
    ],
  ],
  [
    'mean',
    [
      [2, 1],
      [3, 1.5],
    ],
  ],
  [
    'max',
    [
      [3, 5],
      [7, 2],
    ],
  ],
] as const)('the summary %s never counts padding', async (summary, expected) => {
  expect((await summaryOf(summary)).map((value) => Math.round(value * 1e4) / 1e4)).toEqual(expected.flat())
})

test('attention weighs the places of a session, and no padding', async () => {
  // Weights of 1 and 0: the softmax of the first numbers.
  const soft = (values: readonly number[]): readonly number[] => {
    const powers = values.map((value) => Math.exp(value))
    return powers.map((power) => power / powers.reduce((sum, each) => sum + each, 0))
  }
  const expected = hidden.flatMap((places, session) => {
    const own = places.filter((_, at) => present[session]![at] === 1)
    const weights = soft(own.map(([first]) => first!))
    return [0, 1].map((column) => own.reduce((sum, place, at) => sum + weights[at]! * place[column]!, 0))
  })
  const received = await summaryOf('attention')
  for (const [at, value] of expected.entries()) expect(received[at]).toBeCloseTo(value, 4)
})

async function summaryOf(summary: (typeof summaries)[number]): Promise<readonly number[]> {
  const scope = rootScope('evaluate')
  const states = {
    hidden: input('hidden', 'float32', ['sessions', 'span', 2]),
    present: input('present', 'float32', ['sessions', 'span']),
  }
  const program = await runtime.compile(graph({ summed: summarise(scope, states, summary) }))
  const { summed } = await program.run({
    hidden: { dtype: 'float32', dims: [2, 3, 2], data: Float32Array.from(hidden.flat(2)) },
    present: { dtype: 'float32', dims: [2, 3], data: Float32Array.from(present.flat()) },
    'attention.weight': { dtype: 'float32', dims: [1, 2], data: Float32Array.of(1, 0) },
    'attention.bias': { dtype: 'float32', dims: [1], data: Float32Array.of(0) },
  })
  await program.close()
  return [...(summed!.data as Float32Array)]
}

describe('options', () => {
  test.each([
    [nextItem()],
    [nextItem({ loss: 'gbce', negatives: 16, calibration: 0.5, bias: true, projection: 'tanh' })],
    [nextItem({ loss: 'sampled-softmax', negativesFrom: 'mixed', distribution: 'frequency', power: 1 })],
    [binary({ target: 'category', positive: 3, summary: 'mean', weight: 0.5, name: 'click' })],
    [multiClass({ target: 'category', classes: 5, labelSmoothing: 0.1 })],
    [regression({ target: 'price', loss: 'huber', delta: 2, log1p: true, summary: 'attention' })],
  ])('are saved, and make the same head: %#', (head) => {
    const again = headOfKind(head.kind, JSON.parse(JSON.stringify(head.options)) as Record<string, unknown>)
    expect(again.options).toEqual(head.options)
    expect([again.name, again.weight, again.predicts, again.target]).toEqual([
      head.name,
      head.weight,
      head.predicts,
      head.target,
    ])
  })

  test.each<[string, () => unknown, RegExp]>([
    ['negatives of a full softmax', () => nextItem({ negatives: 5 }), /'full-softmax' has no negatives/],
    [
      'label smoothing of a sampled loss',
      () => nextItem({ loss: 'bce', labelSmoothing: 0.1 }),
      /'bce' has no labelSmoothing/,
    ],
    ['gBCE of the batch', () => nextItem({ loss: 'gbce', negativesFrom: 'batch' }), /one of each, shared/],
    ['a calibration of BCE', () => nextItem({ loss: 'bce', calibration: 1 }), /'bce' has no calibration/],
    ['a loss that is none', () => nextItem({ loss: 'ce' as never }), /one of full-softmax/],
    ['a misspelt option', () => nextItem({ temprature: 1 } as never), /Did you mean 'temperature'/],
    ['no target', () => binary({} as never), /target is the name of a feature/],
    ['a name with a dot', () => binary({ target: 'a', name: 'a.b' }), /letters, digits/],
    ['a summary that is none', () => binary({ target: 'a', summary: 'sum' as never }), /one of none, last/],
    ['one class', () => multiClass({ target: 'a', classes: 1 }), /classes/],
    ['a delta of squares', () => regression({ target: 'a', delta: 1 }), /'squared-error' has no delta/],
    [
      'a logarithm of counts',
      () => regression({ target: 'a', loss: 'poisson', log1p: true }),
      /'poisson' has no log1p/,
    ],
  ])('refuses %s', (_, make, message) => {
    expect(make).toThrow(message)
  })
})

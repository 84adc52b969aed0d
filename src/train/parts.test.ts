import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { blockKinds, blockOfKind } from '../blocks/index.ts'
import { optionsFor } from '../blocks/variants.test-support.ts'
import { planTraining } from '../data/index.ts'
import type { Graph, Runtime } from '../graph/index.ts'
import { emit } from '../graph/emit.ts'
import { nodeRuntime } from '../graph/node.ts'
import { checkpointWeights } from './checkpoint-weights.ts'
import { createDeviceStep } from './device-step.ts'
import { optimizerOptions } from './optimizer.ts'
import { treatments, type PartOptions } from './parts.ts'
import { createTrainingStep, type TrainingStep } from './step.ts'
import { randomSessions, sessionsOf, tinyModel } from './tiny-model.test-support.ts'
import { train } from './train.ts'
import { updatePlan } from './update-plan.ts'

const runtime = nodeRuntime({ threads: 2 })
const model = tinyModel({ brand: true, dropout: 0 })
const names = model.parameters.map(({ name }) => name)
const named = (parts: readonly PartOptions[]): readonly string[] => [...treatments(model, parts).keys()]

describe('a match', () => {
  test.each<[string, readonly string[]]>([
    ['item.weight', ['item.weight']],
    ['item', ['item.weight']],
    ['ite*', ['item.weight']],
    ['inputs', ['item.weight', 'categorical.brand.weight', 'projection.weight', 'projection.bias']],
    ['block', names.filter((name) => /^(positions|layers|norm)\./.test(name))],
    ['layers.0', names.filter((name) => name.startsWith('layers.0.'))],
    ['layers.*.bias', names.filter((name) => name.startsWith('layers.0.') && name.endsWith('bias'))],
    ['*', names],
  ])('%s', (match, expected) => {
    expect(named([{ match, learningRate: 0.5 }])).toEqual(expected)
    expect(expected.length).toBeGreaterThan(0)
  })

  test.each(['ite', 'item.weigh', 'layers.1', 'heads', 'masking', 'item+weight', '*.weightless'])(
    'of nothing, such as %s, is refused and says what there is',
    (match) => {
      expect(() => treatments(model, [{ match, frozen: true }])).toThrow(
        expect.objectContaining({
          code: 'OPTION_INVALID',
          message: expect.stringMatching(
            /There are: block, inputs, item, categorical\.brand, projection, positions, layers\.0\.attention_norm/,
          ) as string,
        }) as Error,
      )
    },
  )

  test('the last of several counts', () => {
    const parts = [
      { match: 'block', frozen: true },
      { match: 'norm', learningRate: 2 },
    ]
    expect(treatments(model, parts).get('norm.bias')).toEqual({ learningRate: 2 })
    expect(treatments(model, parts).get('positions.weight')).toEqual({ frozen: true })
  })

  test.each(blockKinds)('the parameters of %s are its own, whatever their names', (block) => {
    const [masking] = blockOfKind(block, optionsFor(block, { width: 16, layers: 1, heads: 2 })).supports
    const own = tinyModel({ block, masking: masking! })
    const others = [...treatments(own, [{ match: 'inputs', learningRate: 1 }]).keys()]
    expect(others.every((name) => /^(item|projection)\./.test(name))).toBe(true)
    expect(() => treatments(own, [{ match: 'heads', frozen: true }])).toThrow()
  })
})

test.each<[unknown, string, string]>([
  [{ match: 'item' }, 'OPTION_INVALID', 'a list'],
  [[{ frozen: true }], 'OPTION_INVALID', 'a match each'],
  [[{ match: 'item', frozn: true }], 'OPTION_UNKNOWN', "'frozen'"],
  [[{ match: 'item', learningRate: -1 }], 'OPTION_INVALID', 'learningRate'],
  [[{ match: 'item', weightDecay: NaN }], 'OPTION_INVALID', 'weightDecay'],
  [[{ match: 'item', frozen: 1 }], 'OPTION_INVALID', 'frozen'],
  [[{ match: 'item', frozen: true, learningRate: 2 }], 'OPTION_INVALID', 'beside frozen'],
  [[{ match: '*', frozen: true }], 'OPTION_INVALID', 'nothing is left to train'],
])('%j is refused', (parts, code, message) => {
  expect(() => treatments(model, parts as readonly PartOptions[])).toThrow(
    expect.objectContaining({ code, message: expect.stringContaining(message) as string }) as Error,
  )
})

const batches = planTraining(sessionsOf(randomSessions(60, 3)), {
  maxLength: 8,
  batchSize: 24,
  seed: 4,
  epoch: 1,
})
const optimizer = optimizerOptions({ kind: 'sgd', momentum: 0.5, weightDecay: 0.1, clipNorm: Infinity })

describe.each([
  ['kernels', createTrainingStep],
  ['graph', createDeviceStep],
])('%s', (_, create) => {
  const made = (parts: readonly PartOptions[], where: Runtime = runtime): Promise<TrainingStep> => {
    const plan = updatePlan({ optimizer, treatments: treatments(model, parts) })
    return create(model, where, { seed: 4, maxRows: 24, maxTime: 8, plan })
  }
  /** How far each parameter is from its start after some updates. */
  const moved = async (step: TrainingStep, updates = 1): Promise<Readonly<Record<string, Float32Array>>> => {
    const before = step.store.slots.map(({ values }) => values.slice())
    for (let update = 1; update <= updates; update++)
      await step.run([batches.batch(update - 1)], { update, learningRate: 0.1 })
    await step.pull()
    const moves = step.store.slots.map(
      ({ parameter, values }, at) =>
        [parameter.name, values.map((value, place) => value - before[at]![place]!)] as const,
    )
    await step.close()
    return Object.fromEntries(moves)
  }
  const far = (values: Float32Array): number => Math.max(...values.map(Math.abs))

  test('what is frozen stays as it was, has no moments, and is no part of graph and norm', async () => {
    const sizes: number[] = []
    const counting: Runtime = {
      ...runtime,
      compile: (graph: Graph, options) => {
        sizes.push(emit(graph, options).bytes.length)
        return runtime.compile(graph, options)
      },
    }
    const all = await made([], counting)
    const step = await made(
      [
        { match: 'block', frozen: true },
        { match: 'categorical', frozen: true },
      ],
      counting,
    )
    expect(sizes[1]!).toBeLessThan(0.8 * sizes[0]!)
    const frozen = step.store.slots.filter(({ parameter: { name } }) =>
      /^(positions|layers|norm|categorical)\./.test(name),
    )
    expect(frozen.map(({ states, gradients }) => [Object.keys(states), gradients.length])).toEqual(
      frozen.map(() => [[], 0]),
    )
    const at = { update: 1, learningRate: 0 }
    const [whole, part] = [await all.run([batches.batch(0)], at), await step.run([batches.batch(0)], at)]
    expect(part.loss).toBe(whole.loss)
    expect(part.gradientNorm).toBeLessThan(whole.gradientNorm)
    await all.close()
    const moves = await moved(step, 2)
    for (const [name, values] of Object.entries(moves))
      expect(far(values) > 0, name).toBe(/^(item|projection)\./.test(name))
  })

  test('a factor scales the steps, and a decay of its own replaces the optimizer’s', async () => {
    const plain = await moved(await made([]))
    const scaled = await moved(
      await made([
        { match: 'block', learningRate: 0.5 },
        { match: 'item', weightDecay: 0 },
        { match: 'categorical', learningRate: 0 },
      ]),
    )
    const { store, ...started } = await made([])
    await started.close()
    for (const { parameter, values: start } of store.slots) {
      const { name } = parameter
      const expected = plain[name]!.map((move, at) => {
        if (name.startsWith('categorical')) return 0
        // Without decay: + rate · decay · start.
        if (name === 'item.weight') return move + 0.1 * 0.1 * start[at]!
        return name.startsWith('projection') ? move : move / 2
      })
      const worst = Math.max(...expected.map((value, at) => Math.abs(value - scaled[name]![at]!)))
      expect(worst, name).toBeLessThan(1e-6)
    }
  })
})

describe('frozen weights', () => {
  const from = { 'item.weight': new Float32Array(22 * 16).fill(0.25) }
  const started = { ...model, pretrained: from }
  const sessions = sessionsOf(randomSessions(60, 3))
  const options = { runtime, epochs: 1, batchSize: 24, parts: [{ match: 'item', frozen: true }] }

  test('are those that the model starts from, come back with the others, and are not reported as trained', async () => {
    const told: unknown[] = []
    const { weights } = await train(started, sessions, {
      ...options,
      callbacks: [{ onStart: ({ parameters }) => void told.push(parameters) }],
    })
    expect(weights['item.weight']).toEqual(from['item.weight'])
    expect(Object.keys(weights).sort()).toEqual([...names].sort())
    const total = Object.values(weights).reduce((sum, { length }) => sum + length, 0)
    expect(told).toEqual([{ total, trained: total - 22 * 16, bytes: 4 * total }])
  })

  test('are in a checkpoint, whatever the model starts from that they are read for', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'frozen-'))
    try {
      const { weights } = await train(started, sessions, {
        ...options,
        validation: sessions,
        checkpoint: { folder },
      })
      for (const which of ['best', 'last'] as const)
        expect(await checkpointWeights(model, folder, which)).toEqual(weights)
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  })
})

import { describe, expect, it } from 'vitest'
import type { Block, BlockContext } from '../../src/blocks/index.ts'
import {
  expand,
  gradients,
  graph,
  input,
  mul,
  sum,
  type Program,
  type Tensor,
  type TensorData,
} from '../../src/graph/index.ts'
import { nodeRuntime } from '../../src/graph/node.ts'
import { createPlainKernels } from '../../src/kernels/index.ts'
import type { Masking } from '../../src/masking/index.ts'
import { rootScope } from '../../src/nn/index.ts'
import { optimizerOptions } from '../../src/train/optimizer.ts'
import { createParameterStore, storeBytes } from '../../src/train/parameter-store.ts'
import { updatePlan } from '../../src/train/update-plan.ts'
import { feedsOf, float } from './feeds.ts'
import { difference, fixtures, type Fixture } from './fixture.ts'

/** What a fixture is to be compared with: the block of its settings, and how it is asked. */
export interface ParityCase {
  readonly block: Block
  /** A fixture with a `perm_mask` brings its own attention pattern. */
  readonly masking: Masking
  readonly maxLength: number
}

/** Holds a block equal to its reference (Hugging Face, PyTorch, a plain definition) in every case of `test/fixtures/parity/<folder>`: names, hidden states, gradients, losses of training. */
export function checkParity(folder: string, makeCase: (config: Fixture['config']['config']) => ParityCase) {
  describe.each(fixtures(folder))(`${folder} equals its reference: $name`, (fixture) => {
    const { weights, expected, config } = fixture
    const build = () => compile(fixture, makeCase(config.config))

    it('has the same parameters', async () => {
      const { parameters, program } = await build()
      expect(parameters.map((each) => each.name).sort()).toEqual(Object.keys(weights).sort())
      for (const { name, shape } of parameters) expect([name, shape]).toEqual([name, weights[name]!.shape])
      await program.close()
    })

    it('has the same hidden states and gradients', async () => {
      const { program, parameters, feeds, isPadding } = await build()
      const own = Object.fromEntries(
        parameters.map(({ name, shape }) => [name, float(shape, weights[name]!.data as Float32Array)]),
      )
      const results = await run(program, { ...feeds, ...own })
      const hidden = results['hidden']!.map((value, at) => (isPadding(at) ? 0 : value))
      expect(difference(hidden, expected['hidden']!.data)).toBeLessThan(1e-5)
      expect(difference(results['loss']!, expected['loss']!.data)).toBeLessThan(1e-4)
      for (const name of Object.keys(expected).filter((each) => each.startsWith('grad.'))) {
        expect([name, difference(results[name]!, expected[name]!.data) < 1e-4]).toEqual([name, true])
      }
      await program.close()
    })

    it('has the same loss after each of ten AdamW updates', async () => {
      const { program, parameters, feeds } = await build()
      const losses = await trainedLosses(fixture, program, parameters, feeds)
      expect(difference(losses, expected['losses']!.data)).toBeLessThan(1e-4)
      await program.close()
    })
  })
}

async function compile({ input: inputs }: Fixture, { block, masking, maxLength }: ParityCase) {
  const { width } = block
  const scope = rootScope('train')
  const events = (name: string): Tensor => input(name, 'int32', ['batch', 'time'])
  const x = input('inputs_embeds', 'float32', ['batch', 'time', block.inputWidth ?? width], 'parameter')
  const cotangent = input('cotangent', 'float32', ['batch', 'time', width])
  const segments = events('segments')
  const permutation = inputs['perm_mask'] === undefined ? undefined : permuted(width)
  const hidden = block.build(scope, x, {
    masking: masking.kind,
    attentionBias: masking.attention({ segments }).bias,
    segments,
    positions: events('positions'),
    maxLength,
    ...(block.readsTimes === true && { elapsed: events('elapsed') }),
    ...permutation?.context,
  } as BlockContext<never>)
  const loss = sum(mul(hidden, cotangent))
  const { parameters } = scope
  const differentiated: Readonly<Record<string, Tensor>> = {
    inputs_embeds: x,
    ...permutation?.differentiated,
    ...Object.fromEntries(parameters.map(({ name, tensor }) => [name, tensor])),
  }
  const all = gradients(loss, Object.values(differentiated))
  const outputs = Object.fromEntries(
    Object.keys(differentiated).map((name, at) => [`grad.${name}`, all[at]!]),
  )
  const program = await nodeRuntime({ threads: 1 }).compile(graph({ hidden, loss, ...outputs }))
  return { program, parameters, ...feedsOf(inputs) }
}

/** The two biases of permutation language modelling, and the start of the query stream. */
function permuted(width: number) {
  const start = input('mask_emb', 'float32', [1, 1, width], 'parameter')
  const bias = (name: string): Tensor => input(name, 'float32', ['batch', 1, 'time', 'time'])
  return {
    context: {
      masking: 'permuted' as const,
      attentionBias: bias('contentBias'),
      query: { start: expand(start, ['batch', 'time', width]), attentionBias: bias('queryBias') },
    },
    differentiated: { mask_emb: start },
  }
}

type Compiled = Awaited<ReturnType<typeof compile>>

async function trainedLosses(
  { weights, config }: Fixture,
  program: Program,
  parameters: Compiled['parameters'],
  feeds: Compiled['feeds'],
): Promise<readonly number[]> {
  const { lr, weight_decay: weightDecay, betas, eps, steps } = config.optimizer
  const [beta1, beta2] = betas
  const optimizer = optimizerOptions({ learningRate: lr, weightDecay, beta1, beta2, epsilon: eps })
  const plan = updatePlan({ optimizer })
  const kernels = createPlainKernels({ bytes: storeBytes(parameters, plan) })
  const store = createParameterStore(kernels, parameters, { seed: 1, plan })
  for (const { parameter, values } of store.slots) values.set(weights[parameter.name]!.data)
  const own = Object.fromEntries(
    store.slots.map(({ parameter, values }) => [parameter.name, float(parameter.shape, values)]),
  )
  const losses: number[] = []
  for (let step = 1; step <= steps + 1; step++) {
    const results = await run(program, { ...feeds, ...own })
    losses.push(results['loss']![0]!)
    for (const { parameter, gradients: into } of store.slots) into.set(results[`grad.${parameter.name}`]!)
    for (const { update, ...stretch } of store.stretches)
      kernels.update(update.rule.kernel, stretch, {
        ...{ learningRate: lr, weightDecay: update.weightDecay, step, gradientScale: 1 },
      })
  }
  return losses
}

async function run(
  program: Program,
  feeds: Readonly<Record<string, TensorData>>,
): Promise<Readonly<Record<string, Float32Array>>> {
  // A block without positions has no input for them.
  const needed = Object.fromEntries(Object.entries(feeds).filter(([name]) => program.inputs.includes(name)))
  const results = await program.run(needed)
  return Object.fromEntries(
    Object.entries(results).map(([name, value]) => [name, value.data as Float32Array]),
  )
}

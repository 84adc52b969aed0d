import { describe, expect, it } from 'vitest'
import { gpt2 } from '../../src/blocks/index.ts'
import { gradients, graph, input, mul, sum, type Program, type TensorData } from '../../src/graph/index.ts'
import { nodeRuntime } from '../../src/graph/node.ts'
import { createPlainKernels } from '../../src/kernels/index.ts'
import { causal } from '../../src/masking/index.ts'
import { rootScope } from '../../src/nn/index.ts'
import { createParameterStore, storeBytes } from '../../src/train/parameter-store.ts'
import { difference, fixtures, type Fixture } from './fixture.ts'

const float = (dims: readonly number[], data: Float32Array): TensorData => ({ dtype: 'float32', dims, data })

async function build({ config: { config }, input: given }: Fixture) {
  const width = Number(config['n_embd'])
  const scope = rootScope('train')
  const x = input('x', 'float32', ['batch', 'time', width], 'parameter')
  const cotangent = input('cotangent', 'float32', ['batch', 'time', width])
  const segments = input('segments', 'int32', ['batch', 'time'])
  const positions = input('positions', 'int32', ['batch', 'time'])
  const block = gpt2({
    width,
    layers: Number(config['n_layer']),
    heads: Number(config['n_head']),
    dropout: 0,
    activation: config['activation_function'] as 'gelu' | 'gelu_new',
    epsilon: Number(config['layer_norm_epsilon']),
  })
  const hidden = block.build(scope, x, {
    masking: 'causal',
    attentionBias: causal().attention({ segments }).bias,
    positions,
    maxLength: Number(config['n_positions']),
  })
  const loss = sum(mul(hidden, cotangent))
  const { parameters } = scope
  const all = gradients(loss, [x, ...parameters.map((each) => each.tensor)])
  const outputs = Object.fromEntries(
    all.map((gradient, at) => [
      at === 0 ? 'grad.inputs_embeds' : `grad.${parameters[at - 1]!.name}`,
      gradient,
    ]),
  )
  const program = await nodeRuntime({ threads: 1 }).compile(graph({ hidden, loss, ...outputs }))

  const embeds = given['inputs_embeds']!
  const [batch, time] = embeds.shape as [number, number, number]
  const lengths = given['lengths']!.data
  const dims = [batch, time]
  const feeds = {
    x: float(embeds.shape, embeds.data as Float32Array),
    cotangent: float(embeds.shape, given['cotangent']!.data as Float32Array),
    segments: {
      dtype: 'int32' as const,
      dims,
      data: Int32Array.from({ length: batch * time }, (_, at) =>
        at % time < lengths[Math.floor(at / time)]! ? 1 : 0,
      ),
    },
    positions: {
      dtype: 'int32' as const,
      dims,
      data: Int32Array.from({ length: batch * time }, (_, at) => at % time),
    },
  }
  return { program, parameters, feeds, width, time, lengths }
}

async function run(
  program: Program,
  feeds: Readonly<Record<string, TensorData>>,
): Promise<Readonly<Record<string, Float32Array>>> {
  const results = await program.run(feeds)
  return Object.fromEntries(
    Object.entries(results).map(([name, value]) => [name, value.data as Float32Array]),
  )
}

describe.each(fixtures('gpt2'))('GPT-2 equals Hugging Face: $name', (fixture) => {
  const { weights, expected, config } = fixture

  it('has the same parameters', async () => {
    const { parameters, program } = await build(fixture)
    expect(parameters.map((each) => each.name).sort()).toEqual(Object.keys(weights).sort())
    for (const { name, shape } of parameters) expect([name, shape]).toEqual([name, weights[name]!.shape])
    await program.close()
  })

  it('has the same hidden states and gradients', async () => {
    const { program, parameters, feeds, width, time, lengths } = await build(fixture)
    const own = Object.fromEntries(
      parameters.map(({ name, shape }) => [name, float(shape, weights[name]!.data as Float32Array)]),
    )
    const results = await run(program, { ...feeds, ...own })
    const hidden = results['hidden']!.map((value, at) =>
      Math.floor(at / width) % time < lengths[Math.floor(at / (width * time))]! ? value : 0,
    )
    expect(difference(hidden, expected['hidden']!.data)).toBeLessThan(1e-5)
    expect(difference(results['loss']!, expected['loss']!.data)).toBeLessThan(1e-4)
    for (const name of Object.keys(expected).filter((each) => each.startsWith('grad.'))) {
      expect([name, difference(results[name]!, expected[name]!.data) < 1e-4]).toEqual([name, true])
    }
    await program.close()
  })

  it('has the same loss after each of ten AdamW updates', async () => {
    const { program, parameters, feeds } = await build(fixture)
    const kernels = createPlainKernels({ bytes: storeBytes(parameters) + 4096 })
    const store = createParameterStore(kernels, parameters, 1)
    for (const { parameter, values } of store.slots) values.set(weights[parameter.name]!.data)
    const own = Object.fromEntries(
      store.slots.map(({ parameter, values }) => [parameter.name, float(parameter.shape, values)]),
    )
    const { lr, weight_decay: weightDecay, betas, eps, steps } = config.optimizer
    const losses: number[] = []
    for (let step = 1; step <= steps + 1; step++) {
      const results = await run(program, { ...feeds, ...own })
      losses.push(results['loss']![0]!)
      for (const { parameter, gradients: into } of store.slots) into.set(results[`grad.${parameter.name}`]!)
      for (const { decay, values, ...stretch } of store.stretches) {
        kernels.adamW(
          { parameters: values, ...stretch },
          {
            learningRate: lr,
            beta1: betas[0],
            beta2: betas[1],
            epsilon: eps,
            weightDecay: decay ? weightDecay : 0,
            step,
            gradientScale: 1,
          },
        )
      }
    }
    expect(difference(losses, expected['losses']!.data)).toBeLessThan(1e-4)
    await program.close()
  })
})

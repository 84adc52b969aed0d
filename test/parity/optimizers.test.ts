import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { graph, input, type Tensor, type TensorData } from '../../src/graph/index.ts'
import { nodeRuntime } from '../../src/graph/node.ts'
import { createKernels, createPlainKernels, type Kernels } from '../../src/kernels/index.ts'
import type { Parameter } from '../../src/nn/index.ts'
import { optimizerOptions } from '../../src/train/optimizer.ts'
import { optimizerNames, type OptimizerOptions } from '../../src/train/optimizers/index.ts'
import { rowsOf, updateGraph, updateScalars } from '../../src/train/update-graph.ts'
import { updatePlan } from '../../src/train/update-plan.ts'

interface Fixture {
  readonly options: OptimizerOptions
  readonly rows: number
  readonly start: readonly number[]
  readonly gradients: readonly (readonly number[])[]
  readonly expected: readonly (readonly number[])[]
}

const folder = new URL('../fixtures/parity/optimizers/', import.meta.url)
const fixtures = readdirSync(folder).map((file) => {
  const fixture = JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as Fixture
  return [file.replace('.json', ''), fixture] as const
})

const settled = ({ options }: Fixture) => {
  const optimizer = optimizerOptions(options)
  const plan = updatePlan({ optimizer })
  const table = { name: 'table', trainable: true, decay: true, byCode: true } as Parameter
  return { optimizer, plan, update: plan.of(table)! }
}
const worst = (received: Float32Array, expected: readonly number[]): number =>
  // Of values above 1 it is relative: their last bit in single precision is as much, and ten steps round ten times.
  Math.max(...expected.map((value, at) => Math.abs(received[at]! - value) / Math.max(1, Math.abs(value))))

const implementations: readonly (readonly [string, () => Kernels | Promise<Kernels>])[] = [
  ['WebAssembly', () => createKernels({ bytes: 65_536 })],
  ['plain', () => createPlainKernels({ bytes: 65_536 })],
]

test('every optimizer has fixtures of its reference', () => {
  expect(new Set(fixtures.map(([, { options }]) => options.kind))).toEqual(new Set(optimizerNames))
})

describe.each(fixtures)('ten steps equal PyTorch’s, %s', (_, fixture) => {
  const { rows, start, gradients, expected } = fixture
  const { optimizer, plan, update } = settled(fixture)
  const { kernel, start: stateStart } = update.rule
  const width = start.length / rows
  const stateSize = kernel.perRow ? rows : start.length

  test.each(implementations)('%s, whole and by rows', async (_name, create) => {
    const kernels = await create()
    const tables = ['whole', 'by rows'].map(() => ({
      parameters: kernels.float32(start.length),
      gradients: kernels.float32(start.length),
      states: kernel.states.map(() => kernels.float32(stateSize).fill(stateStart)),
      width,
    }))
    for (const { parameters } of tables) parameters.set(start)
    const all = kernels.int32(rows)
    all.set(Array.from({ length: rows }, (_row, at) => at))
    for (const [at, gradient] of gradients.entries()) {
      const settings = {
        ...{ learningRate: optimizer.learningRate, weightDecay: update.weightDecay },
        ...{ step: at + 1, gradientScale: 1 },
      }
      for (const table of tables) table.gradients.set(gradient)
      kernels.update(kernel, tables[0]!, settings)
      kernels.updateRows(kernel, { ...tables[1]!, rows: all }, settings)
      for (const { parameters } of tables) expect(worst(parameters, expected[at]!)).toBeLessThan(1e-6)
    }
  })

  test('in a graph', async () => {
    const shape = [rows, width]
    const stateShape = (kernel.perRow ? rowsOf(shape) : shape) as readonly number[]
    const { scalars, feeds } = updateScalars([update], plan)
    const after = updateGraph(
      {
        parameter: input('value', 'float32', shape),
        gradient: input('gradient', 'float32', shape),
        states: kernel.states.map((name) => input(name, 'float32', stateShape)),
      },
      { update, scalars, scale: input('scale', 'float32', []) },
    )
    const names = ['value', ...kernel.states]
    const outputs = [after.parameter, ...after.states].map((tensor, at) => [`next ${names[at]!}`, tensor])
    const program = await nodeRuntime({ threads: 1 }).compile(
      graph(Object.fromEntries(outputs) as Readonly<Record<string, Tensor>>),
    )
    const float = (dims: readonly number[], data: Float32Array): TensorData => ({
      ...{ dtype: 'float32', dims, data },
    })
    let held: Readonly<Record<string, TensorData>> = {
      value: float(shape, Float32Array.from(start)),
      ...Object.fromEntries(
        kernel.states.map((name) => [name, float(stateShape, new Float32Array(stateSize).fill(stateStart))]),
      ),
    }
    for (const [at, gradient] of gradients.entries()) {
      const results = await program.run({
        ...held,
        ...feeds({ update: at + 1, learningRate: optimizer.learningRate }),
        gradient: float(shape, Float32Array.from(gradient)),
        scale: float([], Float32Array.of(1)),
      })
      held = Object.fromEntries(names.map((name) => [name, results[`next ${name}`]!]))
      expect(worst(held['value']!.data as Float32Array, expected[at]!)).toBeLessThan(1e-6)
    }
    await program.close()
  })
})

import { describe, expect, test } from 'vitest'
import { graph, input, scatterAdd, full, type Tensor, type TensorData } from '../graph/index.ts'
import { nodeRuntime } from '../graph/node.ts'
import { createKernels, createPlainKernels, type Kernels } from '../kernels/index.ts'
import { createRandom } from '../random.ts'
import { adamWFeeds, adamWGraph, adamWScalars, clipByGlobalNorm, touchedRows } from './adamw-graph.ts'
import { optimizerOptions } from './optimizer.ts'

const runtime = nodeRuntime({ threads: 2 })

const DENSE = 37
const [ROWS, WIDTH, IDS] = [9, 3, 6]

const implementations: readonly (readonly [string, () => Kernels | Promise<Kernels>])[] = [
  ['WebAssembly', () => createKernels({ bytes: 65_536 })],
  ['plain', () => createPlainKernels({ bytes: 65_536 })],
]

/** AdamW over a dense vector (decayed), a bias (not decayed) and a table of which some rows are touched (decayed). */
async function graphOptimizer(): Promise<
  (
    feeds: Readonly<Record<string, Float32Array | Int32Array>>,
    scalars: Readonly<Record<string, TensorData>>,
  ) => Promise<Readonly<Record<string, Float32Array>>>
> {
  const scalars = adamWScalars()
  const shapes = { dense: [DENSE], bias: [DENSE], table: [ROWS, WIDTH] } as const
  const ids = input('ids', 'int32', [IDS])
  const own = (name: string, shape: readonly number[]): Tensor => input(name, 'float32', shape)
  const rowsGradient = scatterAdd(full([ROWS, WIDTH], 0), ids, own('g table', [IDS, WIDTH]))
  const gradient = { dense: own('g dense', [DENSE]), bias: own('g bias', [DENSE]), table: rowsGradient }
  const names = ['dense', 'bias', 'table'] as const
  const { norm, scale } = clipByGlobalNorm(Object.values(gradient), scalars.clipNorm)
  const outputs = names.flatMap((name): (readonly [string, Tensor])[] => {
    const tensors = {
      parameter: own(`p ${name}`, shapes[name]),
      gradient: gradient[name],
      firstMoment: own(`m ${name}`, shapes[name]),
      secondMoment: own(`v ${name}`, shapes[name]),
    }
    const touched =
      name === 'table'
        ? { touched: touchedRows(ROWS, { rows: [{ offset: 0, ids, rows: rowsGradient }] }) }
        : {}
    const updated = adamWGraph(tensors, { scalars, scale, decay: name !== 'bias', ...touched })
    return [
      [`next p ${name}`, updated.parameter],
      [`next m ${name}`, updated.firstMoment],
      [`next v ${name}`, updated.secondMoment],
    ]
  })
  const closed = graph({ norm, scale, ...Object.fromEntries(outputs) })
  const program = await runtime.compile(closed)
  const dims = Object.fromEntries(
    closed.inputs.map((each) => [each.node.attributes['name'] as string, each.shape as readonly number[]]),
  )
  return async (feeds, scalarFeeds) => {
    const typed = Object.entries(feeds).map(([name, data]): readonly [string, TensorData] => [
      name,
      { dtype: data instanceof Int32Array ? 'int32' : 'float32', dims: dims[name]!, data },
    ])
    const results = await program.run({ ...Object.fromEntries(typed), ...scalarFeeds })
    return Object.fromEntries(Object.entries(results).map(([name, { data }]) => [name, data as Float32Array]))
  }
}

/** The same with the kernels, over memory of theirs. */
function kernelOptimizer(kernels: Kernels) {
  const four = (length: number, gradients = length) => ({
    parameters: kernels.float32(length),
    firstMoment: kernels.float32(length),
    secondMoment: kernels.float32(length),
    gradients: kernels.float32(gradients),
  })
  const state = { dense: four(DENSE), bias: four(DENSE), table: four(ROWS * WIDTH, IDS * WIDTH) }
  const ids = kernels.int32(IDS)
  const slots = kernels.int32(ROWS).fill(-1)
  const update = (optimizer: ReturnType<typeof optimizerOptions>, step: number) => {
    const { clipNorm, weightDecay, ...rest } = optimizer
    const unique = kernels.combineRows(
      { ids, values: state.table.gradients, width: WIDTH },
      { rows: ids, values: state.table.gradients, slots },
    )
    const table = { ...state.table, gradients: state.table.gradients.subarray(0, unique * WIDTH) }
    const squares = [state.dense, state.bias, table].map((each) => kernels.sumOfSquares(each.gradients))
    const norm = Math.sqrt(squares.reduce((all, each) => all + each))
    const scale = Math.min(1, clipNorm / (norm + 1e-6))
    const options = { ...rest, step, gradientScale: scale }
    kernels.adamW(state.dense, { ...options, weightDecay })
    kernels.adamW(state.bias, { ...options, weightDecay: 0 })
    kernels.adamWRows({ ...table, rows: ids.subarray(0, unique), width: WIDTH }, { ...options, weightDecay })
    return { norm, scale }
  }
  return { state, ids, update }
}

const names = ['dense', 'bias', 'table'] as const

describe.each(implementations)('the graph equals the kernels, %s', (_, create) => {
  test.each([
    ['clipping at every step', 0.5],
    ['clipping at some steps', 6],
    ['clipping at no step', 1e6],
    ['no clipping', Infinity],
  ])('%s', async (_what, clipNorm) => {
    const optimizer = optimizerOptions({ learningRate: 0.05, weightDecay: 0.2, beta2: 0.99, clipNorm })
    const kernels = kernelOptimizer(await create())
    const run = await graphOptimizer()
    const random = createRandom(11)
    const draw = (values: Float32Array, deviation: number): Float32Array =>
      values.map(() => random.normal() * deviation)
    for (const name of names) kernels.state[name].parameters.set(draw(kernels.state[name].parameters, 1))
    let mine: Record<string, Float32Array> = Object.fromEntries(
      names.flatMap((name) => {
        const { parameters, firstMoment, secondMoment } = kernels.state[name]
        return [
          [`p ${name}`, parameters.slice()],
          [`m ${name}`, firstMoment.slice()],
          [`v ${name}`, secondMoment.slice()],
        ]
      }),
    )
    const clipped: boolean[] = []
    for (let step = 1; step <= 10; step++) {
      const now = { ...optimizer, learningRate: optimizer.learningRate / step }
      const deviation = step % 2 === 0 ? 0.1 : 1.5
      // Gradients of all sizes; some are so small that their square vanishes.
      const gradients = Object.fromEntries(
        names.map((name) => {
          const values = draw(kernels.state[name].gradients, deviation)
          return [name, values.map((value, at) => (at % 7 === 0 ? value * 1e-21 : value))]
        }),
      )
      const ids = Int32Array.from({ length: IDS }, () => random.below(ROWS - 2))
      kernels.ids.set(ids)
      for (const name of names) kernels.state[name].gradients.set(gradients[name]!)
      const feeds = {
        ...mine,
        ids,
        ...Object.fromEntries(names.map((name) => [`g ${name}`, gradients[name]!])),
      }
      const results = await run(feeds, adamWFeeds(now, step))
      const { norm, scale } = kernels.update(now, step)

      expect(Math.abs(results['norm']![0]! / norm - 1)).toBeLessThan(1e-6)
      expect(Math.abs(results['scale']![0]! / scale - 1)).toBeLessThan(1e-6)
      clipped.push(scale < 1)
      mine = Object.fromEntries(Object.keys(mine).map((name) => [name, results[`next ${name}`]!]))
      for (const name of names) {
        const { parameters, firstMoment, secondMoment } = kernels.state[name]
        for (const [kind, values] of Object.entries({ p: parameters, m: firstMoment, v: secondMoment })) {
          const received = mine[`${kind} ${name}`]!
          const worst = Math.max(...values.map((value, at) => Math.abs(received[at]! - value)))
          expect(worst, `${kind} of ${name} at step ${step}`).toBeLessThan(1e-6)
        }
      }
    }
    expect([clipped.some((each) => each), clipped.every((each) => each)]).toEqual(
      { 0.5: [true, true], 6: [true, false] }[clipNorm] ?? [false, false],
    )
    // The last two rows were never touched: not even the decay may move them.
    const { parameters } = kernels.state.table
    const untouched = mine['p table']!.subarray((ROWS - 2) * WIDTH)
    expect(untouched).toEqual(parameters.slice((ROWS - 2) * WIDTH))
    expect(mine['v dense']!.filter((value) => value !== 0 && value < 2 ** -126)).toEqual(new Float32Array(0))
    expect(mine['v dense']![0]).toBe(0)
    expect(kernels.state.dense.secondMoment[0]).toBe(0)
    expect(mine['m dense']![0]).not.toBe(0)
  })
})

test('rows are touched by id, from the offset of their part on', async () => {
  const ids = input('ids', 'int32', [3])
  const rows = touchedRows(5, {
    rows: [
      { offset: 0, ids, rows: ids },
      { offset: 2, ids: input('more', 'int32', [1]), rows: ids },
    ],
  })
  const program = await runtime.compile(graph({ touched: rows }))
  const results = await program.run({
    ids: { dtype: 'int32', dims: [3], data: Int32Array.of(1, 1, 3) },
    more: { dtype: 'int32', dims: [1], data: Int32Array.of(2) },
  })
  expect([...results['touched']!.data].map(Number)).toEqual([0, 1, 0, 1, 1])
  expect(results['touched']!.dims).toEqual([5, 1])
})

test('options outside their range are refused as by the kernel', () => {
  const optimizer = optimizerOptions()
  for (const bad of [{ beta1: 1 }, { epsilon: 0 }, { learningRate: NaN }])
    expect(() => adamWFeeds({ ...optimizer, ...bad }, 1)).toThrow(
      expect.objectContaining({ code: 'OPTION_INVALID' }) as Error,
    )
  expect(() => adamWFeeds(optimizer, 0)).toThrow(expect.objectContaining({ code: 'OPTION_INVALID' }) as Error)
})

import { describe, expect, test } from 'vitest'
import { graph, input, scatterAdd, full, type Tensor, type TensorData } from '../graph/index.ts'
import { nodeRuntime } from '../graph/node.ts'
import { createKernels, createPlainKernels, type Kernels } from '../kernels/index.ts'
import type { Parameter } from '../nn/index.ts'
import { createRandom } from '../random.ts'
import { averagingShare } from './averaging.ts'
import { optimizerOptions } from './optimizer.ts'
import { optimizerNames, type OptimizerOptions } from './optimizers/index.ts'
import {
  clipByGlobalNorm,
  rowsOf,
  touchCounts,
  touchedRows,
  updateGraph,
  updateScalars,
} from './update-graph.ts'
import { updatePlan, type Update, type UpdatePlan } from './update-plan.ts'

const runtime = nodeRuntime({ threads: 2 })

const DENSE = 37
const [ROWS, WIDTH, IDS] = [9, 3, 6]

const implementations: readonly (readonly [string, () => Kernels | Promise<Kernels>])[] = [
  ['WebAssembly', () => createKernels({ bytes: 65_536 })],
  ['plain', () => createPlainKernels({ bytes: 65_536 })],
]

const names = ['dense', 'bias', 'table'] as const
type Name = (typeof names)[number]
const shapes = { dense: [DENSE], bias: [DENSE], table: [ROWS, WIDTH] } as const

/** A dense vector (decayed), a bias (not decayed) and a table of codes of which some rows are touched (decayed). */
const updatesOf = (plan: UpdatePlan): Readonly<Record<Name, Update>> => {
  const of = (name: Name): Update =>
    plan.of({ name, trainable: true, decay: name !== 'bias', byCode: name === 'table' } as Parameter)!
  return { dense: of('dense'), bias: of('bias'), table: of('table') }
}
const sizeOf = (name: Name): number => shapes[name].reduce((all: number, dim) => all * dim, 1)
const stateShape = (name: Name, { rule }: Update): readonly number[] =>
  (rule.kernel.perRow ? rowsOf(shapes[name]) : shapes[name]) as readonly number[]

/** What is kept of a parameter between updates, by its names in the graph. */
const kept = (name: Name, { rule }: Update): readonly string[] => [
  `value ${name}`,
  ...rule.kernel.states.map((state) => `${state} ${name}`),
  `average ${name}`,
]

async function graphOptimizer(plan: UpdatePlan) {
  const updates = updatesOf(plan)
  const { scalars, feeds: scalarFeeds } = updateScalars(Object.values(updates), plan)
  const ids = input('ids', 'int32', [IDS])
  const own = (name: string, shape: readonly number[]): Tensor => input(name, 'float32', shape)
  const rowsGradient = scatterAdd(full([ROWS, WIDTH], 0), ids, own('g table', [IDS, WIDTH]))
  const gradient = { dense: own('g dense', [DENSE]), bias: own('g bias', [DENSE]), table: rowsGradient }
  const { norm, scale } = clipByGlobalNorm(Object.values(gradient), scalars.clipNorm)
  const outputs = names.flatMap((name): (readonly [string, Tensor])[] => {
    const update = updates[name]
    const inputs = kept(name, update)
    const tensors = {
      ...{ parameter: own(inputs[0]!, shapes[name]), gradient: gradient[name] },
      states: inputs.slice(1, -1).map((each) => own(each, stateShape(name, update))),
      average: own(inputs.at(-1)!, shapes[name]),
    }
    const touched =
      name === 'table'
        ? { touched: touchedRows(touchCounts(ROWS, { rows: [{ offset: 0, ids, rows: rowsGradient }] })) }
        : {}
    const { parameter, states, average } = updateGraph(tensors, { update, scalars, scale, ...touched })
    return [parameter, ...states, average!].map((tensor, at) => [`next ${inputs[at]!}`, tensor] as const)
  })
  const closed = graph({ norm, scale, ...Object.fromEntries(outputs) })
  const program = await runtime.compile(closed)
  const dims = Object.fromEntries(
    closed.inputs.map((each) => [each.node.attributes['name'] as string, each.shape as readonly number[]]),
  )
  return async (
    feeds: Readonly<Record<string, Float32Array | Int32Array>>,
    at: { readonly update: number; readonly learningRate: number },
  ): Promise<Readonly<Record<string, Float32Array>>> => {
    const typed = Object.entries(feeds).map(([name, data]): readonly [string, TensorData] => [
      name,
      { dtype: data instanceof Int32Array ? 'int32' : 'float32', dims: dims[name]!, data },
    ])
    const results = await program.run({ ...Object.fromEntries(typed), ...scalarFeeds(at) })
    return Object.fromEntries(Object.entries(results).map(([name, { data }]) => [name, data as Float32Array]))
  }
}

/** The same with the kernels, over memory of theirs. */
function kernelOptimizer(kernels: Kernels, plan: UpdatePlan) {
  const updates = updatesOf(plan)
  const stateOf = (name: Name) => {
    const { rule } = updates[name]
    const stateSize = stateShape(name, updates[name]).reduce((all, dim) => all * dim, 1)
    const states = rule.kernel.states.map(() => kernels.float32(stateSize).fill(rule.start))
    const [parameters, average] = [kernels.float32(sizeOf(name)), kernels.float32(sizeOf(name))]
    const gradients = kernels.float32(name === 'table' ? IDS * WIDTH : sizeOf(name))
    return { parameters, gradients, states, average }
  }
  const state = { dense: stateOf('dense'), bias: stateOf('bias'), table: stateOf('table') }
  const ids = kernels.int32(IDS)
  const slots = kernels.int32(ROWS).fill(-1)
  const update = ({
    update: step,
    learningRate,
  }: {
    readonly update: number
    readonly learningRate: number
  }) => {
    const unique = kernels.combineRows(
      { ids, values: state.table.gradients, width: WIDTH },
      { rows: ids, values: state.table.gradients, slots },
    )
    const table = { ...state.table, gradients: state.table.gradients.subarray(0, unique * WIDTH) }
    const squares = [state.dense, state.bias, table].map((each) => kernels.sumOfSquares(each.gradients))
    const norm = Math.sqrt(squares.reduce((all, each) => all + each))
    const scale = Math.min(1, plan.clipNorm / (norm + 1e-6))
    for (const name of names) {
      const { rule, weightDecay } = updates[name]
      const settings = { learningRate, weightDecay, step, gradientScale: scale }
      if (name === 'table')
        kernels.updateRows(rule.kernel, { ...table, rows: ids.subarray(0, unique), width: WIDTH }, settings)
      else kernels.update(rule.kernel, state[name], settings)
      kernels.blend(state[name].average, state[name].parameters, averagingShare(plan.averaging!, step))
    }
    return { norm, scale }
  }
  const contents = () =>
    Object.fromEntries(
      names.flatMap((name) => {
        const { parameters, states, average } = state[name]
        const vectors = [parameters, ...states, average]
        return kept(name, updates[name]).map((of, at) => [of, vectors[at]!.slice()] as const)
      }),
    )
  return { state, ids, update, contents }
}

const rules: readonly (readonly [string, OptimizerOptions])[] = [
  ['AdamW', { weightDecay: 0.2, beta2: 0.99 }],
  ['AdamW without decay', { weightDecay: 0 }],
  ['Adam', { kind: 'adam', weightDecay: 0.2 }],
  ['SGD', { kind: 'sgd', weightDecay: 0.2 }],
  ['momentum', { kind: 'sgd', momentum: 0.9, weightDecay: 0.2 }],
  ["Nesterov's momentum", { kind: 'sgd', momentum: 0.9, nesterov: true }],
  ['Adagrad', { kind: 'adagrad', weightDecay: 0.2, learningRateDecay: 0.1, initialSum: 0.1 }],
  ['row-wise Adagrad', { kind: 'adagrad', weightDecay: 0.2, rowWise: true }],
]

test('every optimizer is looked at', () => {
  expect(new Set(rules.map(([, { kind = 'adamw' }]) => kind))).toEqual(new Set(optimizerNames))
})

describe.each(implementations)('the graph equals the kernels, %s', (_, create) => {
  const clippings: readonly (readonly [string, number])[] = [
    ['clipping at every step', 0.5],
    ['clipping at some steps', 6],
    ['clipping at no step', 1e6],
    ['no clipping', Infinity],
  ]
  test.each([
    ...clippings.map(([what, clipNorm]) => [what, clipNorm, ...rules[0]!] as const),
    ...rules.slice(1).map(([rule, options]) => ['clipping at some steps', 6, rule, options] as const),
  ])('%s (%d), %s', async (_what, clipNorm, _rule, options) => {
    const optimizer = optimizerOptions({ ...options, clipNorm })
    const plan = updatePlan({ optimizer, averaging: { decay: 0.6, from: 2 } })
    const kernels = kernelOptimizer(await create(), plan)
    const run = await graphOptimizer(plan)
    const random = createRandom(11)
    const draw = (values: Float32Array, deviation: number): Float32Array =>
      values.map(() => random.normal() * deviation)
    for (const name of names) {
      const { parameters, average } = kernels.state[name]
      parameters.set(draw(parameters, 1))
      average.set(parameters)
    }
    let mine: Readonly<Record<string, Float32Array>> = kernels.contents()
    const untouchedRow = (values: Float32Array): Float32Array => values.slice((ROWS - 2) * WIDTH)
    const before = untouchedRow(kernels.state.table.parameters)
    const clipped: boolean[] = []
    for (let step = 1; step <= 10; step++) {
      const at = { update: step, learningRate: 0.05 / step }
      const deviation = step % 2 === 0 ? 0.1 : 1.5
      // Gradients of all sizes; some are so small that their square vanishes.
      const gradients = Object.fromEntries(
        names.map((name) => {
          const values = draw(kernels.state[name].gradients, deviation)
          return [name, values.map((value, place) => (place % 7 === 0 ? value * 1e-21 : value))]
        }),
      )
      const ids = Int32Array.from({ length: IDS }, () => random.below(ROWS - 2))
      kernels.ids.set(ids)
      for (const name of names) kernels.state[name].gradients.set(gradients[name]!)
      const feeds = {
        ...{ ...mine, ids },
        ...Object.fromEntries(names.map((name) => [`g ${name}`, gradients[name]!])),
      }
      const results = await run(feeds, at)
      const { norm, scale } = kernels.update(at)

      expect(Math.abs(results['norm']![0]! / norm - 1)).toBeLessThan(1e-6)
      expect(Math.abs(results['scale']![0]! / scale - 1)).toBeLessThan(1e-6)
      clipped.push(scale < 1)
      mine = Object.fromEntries(Object.keys(mine).map((name) => [name, results[`next ${name}`]!]))
      for (const [name, values] of Object.entries(kernels.contents())) {
        // Sums grow, and so does what their last bit is worth.
        const worst = Math.max(
          ...values.map(
            (value, place) => Math.abs(mine[name]![place]! - value) / Math.max(1, Math.abs(value)),
          ),
        )
        expect(worst, `${name} at step ${step}`).toBeLessThan(1e-6)
      }
    }
    expect([clipped.some((each) => each), clipped.every((each) => each)]).toEqual(
      { 0.5: [true, true], 6: [true, false] }[clipNorm] ?? [false, false],
    )
    // The last two rows were never touched: not even the decay may move them.
    expect(untouchedRow(mine['value table']!)).toEqual(before)
    expect(untouchedRow(kernels.state.table.parameters)).toEqual(before)
    expect(mine['value dense']).not.toEqual(mine['average dense'])
    for (const state of ['second dense', 'sum dense'].flatMap((name) => mine[name] ?? []))
      expect(state.filter((value) => value !== 0 && value < 2 ** -126)).toEqual(new Float32Array(0))
  })
})

test('parts at rates and decays of their own have constants of their own', () => {
  const treatments = new Map([
    ['bias', { learningRate: 0.5 }],
    ['table', { learningRate: 2, weightDecay: 0.3 }],
  ])
  const plan = updatePlan({ optimizer: optimizerOptions(), treatments, averaging: { decay: 0, from: 0 } })
  const updates = updatesOf(plan)
  expect(names.map((name) => [updates[name].rate, updates[name].weightDecay])).toEqual([
    [1, 0.01],
    [0.5, 0],
    [2, 0.3],
  ])
  const { scalars, feeds } = updateScalars(Object.values(updates), plan)
  const at = feeds({ update: 1, learningRate: 0.1 })
  const valueOf = (name: Name): number =>
    Number(at[scalars.factors(updates[name])[0]!.node.attributes['name'] as string]!.data[0])
  // 1 − rate · decay.
  expect(names.map(valueOf)).toEqual([1 - 0.1 * 0.01, 1, 1 - 0.2 * 0.3].map(Math.fround))
})

test('rows are touched by id, from the offset of their part on', async () => {
  const ids = input('ids', 'int32', [3])
  const counts = touchCounts(5, {
    rows: [
      { offset: 0, ids, rows: ids },
      { offset: 2, ids: input('more', 'int32', [1]), rows: ids },
    ],
  })
  const rows = touchedRows(counts)
  const program = await runtime.compile(graph({ touched: rows }))
  const results = await program.run({
    ids: { dtype: 'int32', dims: [3], data: Int32Array.of(1, 1, 3) },
    more: { dtype: 'int32', dims: [1], data: Int32Array.of(2) },
  })
  expect([...results['touched']!.data].map(Number)).toEqual([0, 1, 0, 1, 1])
  expect(results['touched']!.dims).toEqual([5, 1])
})

test('settings outside their range are refused as by the kernel', () => {
  const plan = updatePlan({ optimizer: optimizerOptions() })
  const { feeds } = updateScalars(Object.values(updatesOf(plan)), plan)
  for (const at of [
    { update: 1, learningRate: NaN },
    { update: 0, learningRate: 1 },
  ])
    expect(() => feeds(at)).toThrow(expect.objectContaining({ code: 'OPTION_INVALID' }) as Error)
})

import { expect } from 'vitest'
import { emit, graph } from '../emit.ts'
import { gradients } from '../gradients.ts'
import { nodeRuntime } from '../node.ts'
import type { TensorData } from '../runtime.ts'
import { input, type DType, type Tensor } from '../tensor.ts'
import type { Shape } from '../dims.ts'
import { mul } from './elementwise.ts'
import { sum } from './reduce.ts'

/** An array in row-major order, and its element at an index. */
export interface Values {
  readonly dims: readonly number[]
  readonly values: readonly number[]
}

/** What an operator is fed. `shape` declares symbolic sizes where they differ from `dims`. */
export interface Fed extends Values {
  readonly dtype: DType
  readonly shape: Shape
}

export interface OperatorRow {
  /** The exported name of the operator, and what is special about this row. */
  readonly name: string
  readonly variant?: string
  readonly inputs: Readonly<Record<string, Fed>>
  readonly build: (inputs: Readonly<Record<string, Tensor>>) => Tensor
  /** From plain numbers, without the graph. */
  readonly expected: (inputs: Readonly<Record<string, Fed>>) => Values
  /** Inputs whose gradient is compared with central differences; all float inputs when left out. */
  readonly differentiated?: readonly string[]
  /** ONNX Runtime's CPU kernel has no double: single precision against differences of the reference. */
  readonly single?: true
}

const size = (dims: readonly number[]): number => dims.reduce((all, dim) => all * dim, 1)

export const at = ({ dims, values }: Values, ...index: readonly number[]): number =>
  values[index.reduce((offset, each, axis) => offset * dims[axis]! + each, 0)]!

/** An array from a function of the index. */
export function fill(dims: readonly number[], element: (...index: number[]) => number): Values {
  const values = Array.from({ length: size(dims) }, (_, offset) => {
    const index = dims.map((dim, axis) => Math.floor(offset / size(dims.slice(axis + 1))) % dim)
    return element(...index)
  })
  return { dims, values }
}

export const total = (length: number, term: (at: number) => number): number =>
  Array.from({ length }, (_, each) => term(each)).reduce((all, each) => all + each, 0)

/** Fixed numbers without a pattern, at least 0.02 apart from each other and from 0. Each seed gives others. */
export function real(
  dims: readonly number[],
  options: { seed?: number; shape?: Shape; positive?: true } = {},
): Fed {
  const { seed = 1, shape = dims, positive } = options
  const count = size(dims)
  const values = Array.from({ length: count }, (_, each) => {
    // A permutation of evenly spaced places, each shifted a little.
    const place = ((each * 7919 + seed * 104729) % 1009) / 1009
    const shifted = 0.05 + 1.5 * place + 0.003 * Math.sin(each + seed)
    return positive || Math.sin(each * 12.9898 + seed * 78.233) > 0 ? shifted : -shifted
  })
  return { dtype: 'float32', dims, shape, values }
}

export const whole = (
  dims: readonly number[],
  values: readonly number[],
  options: { dtype?: 'int32' | 'int64'; shape?: Shape } = {},
): Fed => ({ dtype: options.dtype ?? 'int64', dims, shape: options.shape ?? dims, values })

export const flags = (dims: readonly number[], values: readonly number[]): Fed => ({
  dtype: 'bool',
  dims,
  shape: dims,
  values,
})

const runtime = nodeRuntime({ threads: 1 })

function feed({ dtype, dims, values }: Fed, single: boolean): TensorData {
  if (dtype === 'float32')
    return single
      ? { dtype, dims, data: Float32Array.from(values) }
      : { dtype: 'float64', dims, data: Float64Array.from(values) }
  if (dtype === 'int64') return { dtype, dims, data: BigInt64Array.from(values, BigInt) }
  if (dtype === 'int32') return { dtype, dims, data: Int32Array.from(values) }
  return { dtype, dims, data: Uint8Array.from(values) }
}

/** Runs a graph in double (or single) precision and gives its outputs as plain numbers. */
async function evaluator(outputs: Readonly<Record<string, Tensor>>, single: boolean) {
  const { bytes } = emit(graph(outputs), { float: single ? 'float32' : 'float64' })
  const program = await runtime.open(bytes)
  return async (inputs: Readonly<Record<string, Fed>>): Promise<Readonly<Record<string, Values>>> => {
    const feeds = Object.fromEntries(program.inputs.map((name) => [name, feed(inputs[name]!, single)]))
    const results = await program.run(feeds)
    return Object.fromEntries(
      Object.entries(results).map(([name, { dims, data }]) => [
        name,
        { dims, values: Array.from(data, Number) },
      ]),
    )
  }
}

export async function evaluate(
  outputs: Readonly<Record<string, Tensor>>,
  inputs: Readonly<Record<string, Fed>>,
  options: { readonly single?: boolean } = {},
): Promise<Readonly<Record<string, Values>>> {
  return (await evaluator(outputs, options.single ?? false))(inputs)
}

export function expectClose(received: Values, expected: Values, tolerance: number, what: string): void {
  expect(received.dims, `${what}: dims`).toEqual(expected.dims)
  expect(received.values.length, `${what}: elements`).toBe(expected.values.length)
  for (const [place, value] of expected.values.entries()) {
    const distance = Math.abs(received.values[place]! - value)
    const message = `${what}[${place}]: received ${received.values[place]!}, expected ${value}`
    expect(distance <= tolerance * Math.max(1, Math.abs(value)), message).toBe(true)
  }
}

const placeholder = (name: string, { dtype, shape }: Fed): Tensor =>
  input(name, dtype, shape, dtype === 'float32' ? 'parameter' : 'data')

/** Values against the row's own reference; gradients of a weighted sum against central differences. */
export async function checkOperator(row: OperatorRow): Promise<void> {
  const { inputs, single = false } = row
  const placeholders = Object.fromEntries(
    Object.entries(inputs).map(([name, fed]) => [name, placeholder(name, fed)]),
  )
  const y = row.build(placeholders)
  const expected = row.expected(inputs)
  expectClose((await evaluate({ y }, inputs, { single })).y!, expected, single ? 1e-5 : 1e-7, row.name)

  const floats = Object.keys(inputs).filter((name) => inputs[name]!.dtype === 'float32')
  const differentiated = row.differentiated ?? (y.dtype === 'float32' ? floats : [])
  if (differentiated.length === 0) return
  const weights = real(expected.dims, { seed: 99, shape: y.shape })
  const loss = sum(mul(y, input('weights of the loss', 'float32', y.shape)))
  const slopes = gradients(
    loss,
    differentiated.map((name) => placeholders[name]!),
  )
  const named = differentiated.map((name, each) => [`d_${name}`, slopes[each]!] as const)
  const outputs = { loss, ...Object.fromEntries(named) }
  const all = { ...inputs, 'weights of the loss': weights }
  const received = await evaluate(outputs, all, { single })

  // Single precision is too coarse for differences: then they are taken of the reference, in double.
  const program = single ? undefined : await evaluator({ loss }, false)
  const lossAt = async (fed: Readonly<Record<string, Fed>>): Promise<number> => {
    if (program !== undefined) return (await program({ ...all, ...fed })).loss!.values[0]!
    const { values } = row.expected(fed)
    return total(values.length, (each) => values[each]! * weights.values[each]!)
  }
  const step = 1e-5
  for (const name of differentiated) {
    const fed = inputs[name]!
    const moved = (place: number, by: number): Promise<number> => {
      const values = fed.values.map((value, each) => (each === place ? value + by : value))
      return lossAt({ ...inputs, [name]: { ...fed, values } })
    }
    const slope: number[] = []
    for (const place of fed.values.keys())
      slope.push(((await moved(place, step)) - (await moved(place, -step))) / (2 * step))
    const what = `gradient of ${row.name} for ${name}`
    expectClose(received[`d_${name}`]!, { dims: fed.dims, values: slope }, single ? 1e-5 : 1e-6, what)
  }
}

import { describe, expect, test } from 'vitest'
import { nodeRuntime } from './node.ts'
import {
  add,
  emit,
  gather,
  gelu,
  gemm,
  gradients,
  graph,
  input,
  layerNorm,
  matmul,
  mul,
  reshape,
  softmax,
  stopGradient,
  sub,
  sum,
  transpose,
  type CompileOptions,
  type Shape,
  type Tensor,
  type TensorData,
} from './index.ts'

const runtime = nodeRuntime({ threads: 1 })
const floats = (dims: readonly number[], values?: readonly number[]): TensorData => {
  const size = dims.reduce((all, dim) => all * dim, 1)
  return {
    dtype: 'float32',
    dims,
    data: Float32Array.from(values ?? Array.from({ length: size }, (_, at) => at + 1)),
  }
}
const integers = (values: readonly number[]): TensorData => ({
  dtype: 'int64',
  dims: [values.length],
  data: BigInt64Array.from(values, BigInt),
})
const numbers = (value: TensorData | undefined): readonly number[] =>
  Array.from<number | bigint>(value!.data).map(Number)
const parameter = (name: string, shape: Shape): Tensor => input(name, 'float32', shape, 'parameter')
const compile = (outputs: Readonly<Record<string, Tensor>>, options?: CompileOptions) =>
  runtime.compile(graph(outputs), options)

describe('running', () => {
  test('one program runs every batch size', async () => {
    const x = input('x', 'float32', ['batch', 'time', 2])
    const w = parameter('w', [2, 2])
    const rows = reshape(matmul(x, w), [-1, 2])
    const program = await compile({ rows, total: sum(x, { axes: [0, 1] }) })
    for (const [batch, time] of [
      [1, 1],
      [2, 3],
      [5, 2],
    ] as const) {
      const fed = floats([batch, time, 2])
      const { rows: received, total } = await program.run({ x: fed, w: floats([2, 2], [1, 0, 0, 10]) })
      expect(received!.dims).toEqual([batch * time, 2])
      expect(numbers(received)).toEqual(numbers(fed).map((value, at) => value * (at % 2 ? 10 : 1)))
      const odd = numbers(fed).filter((_, at) => at % 2 === 0)
      expect(Number(total!.data[0])).toBe(odd.reduce((all, each) => all + each, 0))
    }
    await program.close()
  })

  test('inputs and outputs are named', async () => {
    const program = await compile({ y: add(input('b', 'float32', [1]), input('a', 'float32', [1])) })
    expect(program.inputs).toEqual(['b', 'a'])
    expect(program.outputs).toEqual(['y'])
  })

  test('bound sizes are fixed: another size is refused', async () => {
    const x = input('x', 'float32', ['batch', 'time'])
    const program = await compile({ y: mul(x, 2) }, { sizes: { time: 3 } })
    expect(numbers((await program.run({ x: floats([1, 3]) })).y)).toEqual([2, 4, 6])
    await expect(program.run({ x: floats([1, 4]) })).rejects.toThrow(
      expect.objectContaining({
        code: 'RUNTIME_FAILED',
        message: expect.stringContaining('Expected: 3') as string,
      }),
    )
  })

  test('weights become part of the file, sizes of theirs included', async () => {
    const x = input('x', 'float32', ['batch', 2])
    const y = gemm(x, parameter('w', [2, 'items']), { add: parameter('b', ['items']) })
    const options = {
      sizes: { items: 3 },
      weights: { w: Float32Array.of(1, 2, 3, 4, 5, 6), b: Float32Array.of(0, 10, 20) },
    }
    const program = await compile({ y }, options)
    expect(program.inputs).toEqual(['x'])
    expect(numbers((await program.run({ x: floats([1, 2]) })).y)).toEqual([9, 22, 35])
  })

  test('weights may be a view into larger memory', async () => {
    const memory = Float32Array.of(9, 9, 1, 2, 9)
    const y = mul(input('x', 'float32', [2]), parameter('w', [2]))
    const program = await compile({ y }, { weights: { w: memory.subarray(2, 4) } })
    expect(numbers((await program.run({ x: floats([2], [3, 5]) })).y)).toEqual([3, 10])
  })

  test('a file that was written before opens from its bytes', async () => {
    const { bytes } = emit(graph({ y: mul(input('x', 'float32', ['n']), 3) }))
    const program = await runtime.open(bytes)
    expect(numbers((await program.run({ x: floats([2]) })).y)).toEqual([3, 6])
  })

  test('feeds may be views with an offset', async () => {
    const program = await compile({ y: mul(input('x', 'float32', [2]), 3) })
    const memory = Float32Array.of(7, 7, 7, 1, 2, 7)
    const { y } = await program.run({ x: { dtype: 'float32', dims: [2], data: memory.subarray(3, 5) } })
    expect(numbers(y)).toEqual([3, 6])
  })

  test('outputs are written into given views of a larger buffer, and nowhere else', async () => {
    const w = parameter('w', [2, 2])
    const loss = sum(mul(matmul(input('x', 'float32', ['n', 2]), w), 2))
    const program = await compile({ loss, slope: gradients(loss, [w])[0]! })
    const memory = new Float32Array(10).fill(-1)
    const slope = { dtype: 'float32', dims: [2, 2], data: memory.subarray(3, 7) } as const
    const feeds = { x: floats([2, 2]), w: floats([2, 2]) }
    const results = await program.run(feeds, { slope })
    expect(Array.from(memory)).toEqual([-1, -1, -1, 8, 8, 12, 12, -1, -1, -1])
    expect(Number(results.loss!.data[0])).toBe(2 * (7 + 10 + 15 + 22))
    await program.run({ ...feeds, x: floats([1, 2], [1, 1]) }, { slope })
    expect(Array.from(memory)).toEqual([-1, -1, -1, 2, 2, 2, 2, -1, -1, -1])
  })

  test('memory of the wrong size is refused', async () => {
    const program = await compile({ y: mul(input('x', 'float32', ['n']), 3) })
    await expect(program.run({ x: floats([2]) }, { y: floats([3]) })).rejects.toMatchObject({
      code: 'RUNTIME_FAILED',
    })
  })

  test('outputs that are inputs, stopped values or other outputs', async () => {
    const x = input('x', 'float32', ['n'])
    const y = mul(x, 2)
    const program = await compile({ same: x, y, again: y, stopped: stopGradient(x), constant: sub(x, x) })
    const results = await program.run({ x: floats([2]) })
    const values = Object.fromEntries(Object.entries(results).map(([name, value]) => [name, numbers(value)]))
    expect(values).toEqual({ same: [1, 2], y: [2, 4], again: [2, 4], stopped: [1, 2], constant: [0, 0] })
  })

  test('kept outputs come back as handles that feed other programs of the runtime', async () => {
    const x = input('x', 'float32', ['n'])
    const first = await compile({ kept: mul(x, 2), fetched: mul(x, 3) }, { keep: ['kept'] })
    const second = await compile({ y: add(x, 1) })
    const { kept, outputs } = await first.runKeeping({ x: floats([2]) })
    expect(Object.keys(outputs)).toEqual(['fetched'])
    const handle = kept['kept']!
    expect(handle.dims).toEqual([2])
    const read = await handle.read()
    expect([read.dtype, ...read.data]).toEqual(['float32', 2, 4])
    expect(numbers((await second.run({ x: handle })).y)).toEqual([3, 5])

    const other = await nodeRuntime({ threads: 1 }).compile(graph({ y: add(x, 1) }))
    await expect(other.run({ x: handle })).rejects.toThrow(/Input 'x' is a value of another runtime/)
    handle.dispose()
    await expect(second.run({ x: handle })).rejects.toMatchObject({ code: 'RUNTIME_FAILED' })
  })

  test.each<[string, () => Promise<unknown>, string, RegExp]>([
    [
      'an input is not fed',
      async () => (await compile({ y: mul(input('x', 'float32', [1]), 2) })).run({}),
      'RUNTIME_FAILED',
      /Input 'x' is not fed\. Expected: x\./,
    ],
    [
      'memory for no output',
      async () =>
        (await compile({ y: mul(input('x', 'float32', [1]), 2) })).run(
          { x: floats([1]) },
          { z: floats([1]) },
        ),
      'GRAPH_INVALID',
      /'into' names 'z', which is no output\. Outputs: y\./,
    ],
    [
      'a kept output that is none',
      () => compile({ y: mul(input('x', 'float32', [1]), 2) }, { keep: ['z'] }),
      'GRAPH_INVALID',
      /'keep' names 'z'/,
    ],
    [
      'bytes that are no graph',
      () => runtime.open(Uint8Array.of(1, 2, 3)),
      'RUNTIME_FAILED',
      /ONNX Runtime failed/,
    ],
  ])('%s', async (_, run, code, message) => {
    await expect(run()).rejects.toThrow(
      expect.objectContaining({ code, message: expect.stringMatching(message) as string }),
    )
  })
})

describe('a failure at run time names the layer and the line', () => {
  const table = parameter('embedding.weight', [5, 3])
  const ids = input('ids', 'int64', ['n'])
  const w = parameter('decoder.weight', ['k', 4])
  const x = input('x', 'float32', ['batch', 'time', 'k'])
  const y = input('y', 'float32', ['batch', 'time', 'k'])
  const mask = input('mask', 'float32', ['batch', 'time', 'time'])
  // Each is fed sizes that contradict a name, or an index outside: nothing that can be seen before the run.
  const failures: readonly (readonly [string, () => Tensor, Readonly<Record<string, TensorData>>, string])[] =
    [
      [
        'an index outside',
        () => gather(table, ids),
        { 'embedding.weight': floats([5, 3]), ids: integers([1, 9]) },
        "gather(float32[5, 3], int64[n]) in 'embedding'",
      ],
      [
        'an index outside, met first by the gradient',
        () => gradients(sum(mul(gather(table, ids), 2)), [table])[0]!,
        { 'embedding.weight': floats([5, 3]), ids: integers([1, 9]) },
        "the gradient of gather(float32[5, 3], int64[n]) in 'embedding'",
      ],
      [
        'a product',
        () => matmul(x, w),
        { x: floats([1, 2, 3]), 'decoder.weight': floats([2, 4]) },
        "matmul(float32[batch, time, k], float32[k, 4]) in 'decoder'",
      ],
      [
        "a product's gradient",
        () => gradients(sum(mul(matmul(x, w), input('dy', 'float32', ['batch', 'time', 4]))), [w])[0]!,
        { x: floats([1, 1, 3]), dy: floats([1, 3, 4]) },
        "the gradient of matmul(float32[batch, time, k], float32[k, 4]) in 'decoder'",
      ],
      [
        'a transposition and a scale fused into a product',
        () => mul(matmul(mul(x, 2), transpose(y)), 3),
        { x: floats([1, 2, 3]), y: floats([1, 2, 4]) },
        'matmul(float32[batch, time, k], float32[batch, k, time])',
      ],
      [
        'a sum before a softmax',
        () => softmax(add(matmul(x, transpose(y)), mask)),
        { x: floats([1, 2, 3]), y: floats([1, 2, 3]), mask: floats([1, 3, 3]) },
        'add(float32[batch, time, time], float32[batch, time, time])',
      ],
      [
        'a product and a sum fused with an activation',
        () => gelu(add(matmul(x, w), parameter('decoder.bias', [4]))),
        { x: floats([1, 2, 3]), 'decoder.weight': floats([5, 4]), 'decoder.bias': floats([4]) },
        "matmul(float32[batch, time, k], float32[k, 4]) in 'decoder'",
      ],
      [
        'a matrix product with a sum',
        () => gemm(reshape(x, [-1, 'k']), w, { add: parameter('decoder.bias', [4]) }),
        { x: floats([1, 2, 3]), 'decoder.weight': floats([5, 4]), 'decoder.bias': floats([4]) },
        "gemm(float32[batch*time, k], float32[k, 4], float32[4]) in 'decoder'",
      ],
      [
        'a sum fused into a normalisation',
        () => layerNorm(add(x, y), parameter('norm.weight', ['k']), parameter('norm.bias', ['k'])),
        { x: floats([1, 2, 3]), y: floats([1, 2, 3]), 'norm.weight': floats([4]), 'norm.bias': floats([4]) },
        "layerNorm(float32[batch, time, k], float32[k], float32[k]) in 'norm'",
      ],
      [
        'one of two sums fused into normalisations',
        () => {
          const norm = (of: Tensor, name: string): Tensor =>
            layerNorm(of, parameter(`${name}.weight`, ['k']), parameter(`${name}.bias`, ['k']))
          return norm(add(norm(add(x, y), 'first'), y), 'second')
        },
        {
          x: floats([1, 2, 3]),
          y: floats([1, 2, 3]),
          'first.weight': floats([3]),
          'first.bias': floats([3]),
          'second.weight': floats([4]),
          'second.bias': floats([4]),
        },
        "one of layerNorm(float32[batch, time, k], float32[k], float32[k]) in 'first'",
      ],
    ]

  test.each(failures)('%s', async (_, build, feeds, where) => {
    const program = await compile({ result: build() })
    const failure = await program.run(feeds).then(
      () => undefined,
      (cause: unknown) => cause as Error,
    )
    expect(failure).toMatchObject({ code: 'RUNTIME_FAILED' })
    expect(failure!.message).toContain(`ONNX Runtime failed in ${where}`)
    expect(failure!.message).toMatch(/made at \S*run-session\.test\.ts:\d+:\d+: /)
    expect(failure!.cause).toBeInstanceOf(Error)
  })
})

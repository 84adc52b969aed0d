import { describe, expect, test } from 'vitest'
import {
  add,
  emit,
  full,
  gather,
  gelu,
  gradients,
  graph,
  input,
  layerNorm,
  matmul,
  mul,
  reshape,
  sum,
  type EmitOptions,
  type Graph,
  type Tensor,
} from './index.ts'

const parameter = (name: string, shape: Tensor['shape']): Tensor => input(name, 'float32', shape, 'parameter')

function trainingStep(): Graph {
  const table = parameter('embedding.weight', ['items', 4])
  const x = gather(table, input('ids', 'int64', ['batch', 'time']))
  const hidden = gelu(matmul(x, parameter('linear.weight', [4, 4])))
  const y = layerNorm(hidden, parameter('norm.weight', [4]), parameter('norm.bias', [4]))
  const loss = sum(mul(reshape(y, [-1, 4]), 0.5))
  return graph({ loss, slope: gradients(loss, [table])[0]! })
}

describe('determinism', () => {
  test('equal graphs give equal bytes', () => {
    expect(emit(trainingStep()).bytes).toEqual(emit(trainingStep()).bytes)
  })

  test.each<[string, EmitOptions]>([
    ['sizes', { sizes: { batch: 2 } }],
    ['precision', { float: 'float64' }],
    ['metadata', { metadata: { made: 'here' } }],
    ['weights', { weights: { 'norm.bias': new Float32Array(4) } }],
  ])('%s change them', (_, options) => {
    expect(emit(trainingStep(), options).bytes).not.toEqual(emit(trainingStep()).bytes)
  })

  test('metadata and names are in the file as they are', () => {
    const text = new TextDecoder('latin1').decode(
      emit(trainingStep(), { metadata: { made: 'by a test' } }).bytes,
    )
    for (const word of ['ensuite', 'made', 'by a test', 'embedding.weight', 'LayerNormalization', 'batch'])
      expect(text).toContain(word)
  })
})

describe('graphs that cannot be written', () => {
  const x = input('x', 'float32', ['n'])

  test.each<[string, () => unknown, RegExp]>([
    [
      'two inputs of one name',
      () => graph({ y: add(x, input('x', 'float32', ['n'])) }),
      /Two inputs are called 'x'/,
    ],
    ['an output named as an input', () => graph({ x: mul(x, 2) }), /'x' names an input and an output/],
    ['a graph without outputs', () => graph({}), /at least one output/],
    [
      'a size that no input has',
      () => emit(graph({ y: full(['rows', 'n'], 1), z: mul(x, 2) })),
      /The size 'rows' is needed but no input has an axis of that size\. Inputs: x \[n\]\./,
    ],
    [
      'a size that is hidden in a product',
      () => emit(graph({ y: mul(input('z', 'float32', ['a*b']), 2), ones: full(['b'], 1) })),
      /The size 'b' is needed .* Inputs: z \[a\*b\]\./,
    ],
    [
      'weights of the wrong length',
      () => emit(graph({ y: mul(x, 2) }), { sizes: { n: 3 }, weights: { x: new Float32Array(4) } }),
      /The weights of 'x' should be 3 float32 values, received 4/,
    ],
    [
      'weights whose size is not known',
      () => emit(graph({ y: mul(x, 2) }), { weights: { x: new Float32Array(4) } }),
      /The size 'n' is not known\. Bind it with 'sizes'/,
    ],
    [
      'weights for integers',
      () => emit(graph({ y: mul(input('ids', 'int64', [2]), 2) }), { weights: { ids: new Float32Array(2) } }),
      /The weights of 'ids' should be 2 int64 values/,
    ],
  ])('%s', (_, write, message) => {
    expect(write).toThrow(
      expect.objectContaining({ code: 'GRAPH_INVALID', message: expect.stringMatching(message) as string }),
    )
  })
})

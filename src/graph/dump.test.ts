import { expect, test } from 'vitest'
import { dump, gradients, graph, input, matmul, mul, relu, split, sum } from './index.ts'

test('a small graph with its gradient', () => {
  const x = input('x', 'float32', ['batch', 3])
  const w = input('layer.weight', 'float32', [3, 4], 'parameter')
  const [left, right] = split(relu(matmul(x, w)), { axis: -1, parts: 2 })
  const loss = sum(mul(left!, right!))
  expect(dump(graph({ loss, 'd layer.weight': gradients(loss, [w])[0]! }))).toMatchInlineSnapshot(`
    "x: float32[batch, 3] = input() name="x" dtype="float32" shape=["batch",3] role="data"
    layer.weight: float32[3, 4] = input() name="layer.weight" dtype="float32" shape=[3,4] role="parameter"
    %2: float32[batch, 4] = matmul(x, layer.weight)
    %3: float32[batch, 4] = relu(%2)
    %4.0: float32[batch, 2], %4.1: float32[batch, 2] = split(%3) axis=1 parts=2
    %5: float32[batch, 2] = mul(%4.0, %4.1)
    %6: float32[] = sum(%5) axes=[0,1] keepDims=false
    %7: float32[] = constant() values=[0] shape=[] dtype="float32"
    %8: bool[batch, 4] = greater(%2, %7)
    %9: float32[] = constant() values=[1] shape=[] dtype="float32"
    %10: float32[1, 1] = reshape(%9) shape=[1,1]
    %11: float32[batch, 2] = expand(%10) shape=["batch",2]
    %12: float32[batch, 2] = mul(%11, %4.1)
    %13: float32[batch, 2] = mul(%11, %4.0)
    %14: float32[batch, 4] = concat(%12, %13) axis=1
    %15: float32[] = constant() values=[0] shape=[] dtype="float32"
    %16: float32[batch, 4] = where(%8, %14, %15)
    %17: float32[3, 4] = gemm(x, %16) transposeA=true transposeB=false alpha=1 beta=1
    loss = %6
    d layer.weight = %17"
  `)
})

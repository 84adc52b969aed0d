import type { EnsuiteError } from '../../errors.ts'
import { broadcast, formatShape, sameShape, type Dim, type Shape } from '../dims.ts'
import { applyOne, shapeError, type Attributes, type Operator, type Tensor } from '../tensor.ts'
import { mul } from './elementwise.ts'
import { full } from './generate.ts'
import { reshape, transpose } from './layout.ts'
import { sumTo } from './reduce.ts'

interface GemmOptions {
  readonly transposeA?: boolean
  readonly transposeB?: boolean
  /** Scales the product, at no cost. */
  readonly alpha?: number
  /** Scales what is added, at no cost. */
  readonly beta?: number
}

const gemmOptions = (attributes: Attributes): Required<GemmOptions> =>
  attributes as unknown as Required<GemmOptions>
const turned = (x: Tensor, turn: boolean): readonly [Dim, Dim] =>
  turn ? [x.shape[1]!, x.shape[0]!] : [x.shape[0]!, x.shape[1]!]

/** β·dy, summed to what was added: for a bias as a product with ones, which takes half the time of a reduction over the rows. */
function addedGradient(dy: Tensor, added: Tensor, beta: number): Tensor {
  if (added.shape.length === 1 && added.shape[0] === dy.shape[1]) return sumRows(dy, beta)
  return beta === 1 ? dy : mul(sumTo(dy, added.shape), beta)
}

const gemmOperator: Operator = {
  name: 'gemm',
  onnx: 'Gemm',
  infer: (inputs, attributes) => {
    const [a, b, c] = inputs as [Tensor, Tensor, Tensor | undefined]
    if (a.shape.length !== 2 || b.shape.length !== 2 || inputs.some((each) => each.dtype !== 'float32'))
      throw shapeError('gemm', inputs, 'expects two float32 matrices')
    const { transposeA, transposeB } = gemmOptions(attributes)
    const [rows, inner] = turned(a, transposeA)
    const [other, columns] = turned(b, transposeB)
    if (inner !== other)
      throw shapeError('gemm', inputs, `expects inner sizes that agree (${inner} and ${other})`)
    const shape = [rows, columns]
    const fail = (reason: string): EnsuiteError => shapeError('gemm', inputs, reason)
    if (c !== undefined && !sameShape(broadcast([c.shape, shape], fail), shape))
      throw fail(`cannot add ${formatShape(c.shape)} to ${formatShape(shape)}`)
    return [{ dtype: a.dtype, shape }]
  },
  gradient: (node, [dy]) => {
    if (dy === undefined) return []
    const [a, b, c] = node.inputs as readonly [Tensor, Tensor, Tensor | undefined]
    const { transposeA, transposeB, alpha, beta } = gemmOptions(node.attributes)
    const da = transposeA
      ? gemm(b, dy, { transposeA: transposeB, transposeB: true, alpha })
      : gemm(dy, b, { transposeB: !transposeB, alpha })
    const db = transposeB
      ? gemm(dy, a, { transposeA: true, transposeB: transposeA, alpha })
      : gemm(a, dy, { transposeA: !transposeA, alpha })
    return [da, db, c && addedGradient(dy, c, beta)]
  },
  emit: (emitter, node, inputs, outputs) => {
    const { transposeA, transposeB, alpha, beta } = gemmOptions(node.attributes)
    void emitter.add(
      'Gemm',
      inputs,
      {
        transA: transposeA ? 1 : 0,
        transB: transposeB ? 1 : 0,
        alpha: { float: alpha },
        beta: { float: beta },
      },
      outputs,
    )
  },
}

/** α·A·B + β·C for matrices, either transposed. C broadcasts. */
export function gemm(a: Tensor, b: Tensor, options: GemmOptions & { readonly add?: Tensor } = {}): Tensor {
  const { transposeA = false, transposeB = false, alpha = 1, beta = 1, add } = options
  return applyOne(gemmOperator, add === undefined ? [a, b] : [a, b, add], {
    transposeA,
    transposeB,
    alpha,
    beta,
  })
}

/** scale·Σ over all axes but the last: x [..., width] → [width]. */
export function sumRows(x: Tensor, scale = 1): Tensor {
  const rows = reshape(x, [-1, x.shape.at(-1)!])
  return reshape(gemm(full([1, rows.shape[0]!], 1), rows, { alpha: scale }), [-1])
}

const matmulOperator: Operator = {
  name: 'matmul',
  onnx: 'MatMul',
  infer: (inputs) => {
    const [a, b] = inputs as [Tensor, Tensor]
    if (a.shape.length < 2 || b.shape.length < 2 || a.dtype !== 'float32' || b.dtype !== 'float32')
      throw shapeError('matmul', inputs, 'expects float32 matrices or batches of them')
    if (a.shape.at(-1) !== b.shape.at(-2))
      throw shapeError(
        'matmul',
        inputs,
        `expects inner sizes that agree (${String(a.shape.at(-1))} and ${String(b.shape.at(-2))})`,
      )
    const batch: Shape = broadcast([a.shape.slice(0, -2), b.shape.slice(0, -2)], (reason) =>
      shapeError('matmul', inputs, reason),
    )
    return [{ dtype: a.dtype, shape: [...batch, a.shape.at(-2)!, b.shape.at(-1)!] }]
  },
  gradient: (node, [dy]) => {
    if (dy === undefined) return []
    const [a, b] = node.inputs as readonly [Tensor, Tensor]
    if (b.shape.length > 2) return [matmul(dy, transpose(b)), matmul(transpose(a), dy)]
    // One matrix for the whole batch: one product over all rows, instead of a batch of products to be summed.
    const rows = (x: Tensor): Tensor => reshape(x, [-1, x.shape.at(-1)!])
    return [
      reshape(gemm(rows(dy), b, { transposeB: true }), a.shape),
      gemm(rows(a), rows(dy), { transposeA: true }),
    ]
  },
}

/** Batched matrix product [..., n, k] × [..., k, m]; batch axes broadcast. ONNX Runtime fuses a transposed operand into the product. */
export const matmul = (a: Tensor, b: Tensor): Tensor => applyOne(matmulOperator, [a, b])

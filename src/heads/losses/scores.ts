import {
  add,
  cast,
  concat,
  customGradient,
  equal,
  full,
  gather,
  gemm,
  matmul,
  mul,
  or,
  reshape,
  sub,
  sum,
  where,
  type Tensor,
} from '../../graph/index.ts'
import { unitLength } from '../unit-length.ts'
import type { SampledInputs } from './loss.ts'

/** The score of what is no candidate: exp of it is 0, and it stays finite when numbers are added. */
const NEVER = -1e30

/** Scores (h·e + bias) ÷ temperature of targets and negatives. */
export interface Scores {
  /** Of each label's target: [labels, 1]. */
  readonly own: Tensor
  /** Of the negatives: [labels, n]; very negative at accidental hits. */
  readonly others: Tensor
  /** Where a negative is the label's own target, an accidental hit, or a target of its session: [labels, n] bool. No loss counts it as a negative. */
  readonly hits: Tensor
}

export interface ScoreOptions {
  readonly temperature: number
  /** Whose logQ is taken off their scores, where it is given; nobody's unless said. */
  readonly correct?: 'negatives' | 'all'
}

/**
 * Scores of the targets and of the negatives of a batch.
 *
 * Negatives of the kind `batch` are the targets of all labels: a label's own is an accidental hit like any other, and so are those of its session where `sessions` are given.
 * The table and the bias are read by `gather` alone.
 */
export function scores(inputs: SampledInputs, options: ScoreOptions): Scores {
  const { hidden, bias, targets, targetLogQ } = inputs
  const { temperature, correct } = options
  const scaled = (x: Tensor): Tensor => (temperature === 1 ? x : mul(x, 1 / temperature))
  const withBias = (products: Tensor, offsets: Tensor | undefined): Tensor =>
    scaled(offsets === undefined ? products : add(products, offsets))
  const targetRows = rowsOf(inputs, targets) // [labels, width]
  const targetBias = bias && gather(bias, targets) // [labels]
  const { codes, logQ, ...read } = pool(inputs, targetRows, targetBias)

  const ownScores = withBias(sum(mul(hidden, targetRows), { axes: [-1] }), targetBias)
  const otherScores = withBias(products(hidden, read.rows), read.bias)
  const less = (x: Tensor, q: Tensor | undefined): Tensor => (q === undefined ? x : sub(x, q))
  const hits = hitsOf(inputs, codes)
  return {
    own: reshape(less(ownScores, correct === 'all' ? targetLogQ : undefined), [-1, 1]),
    others: where(hits, NEVER, less(otherScores, correct === undefined ? undefined : logQ)),
    hits,
  }
}

/** Of `mixed` negatives the targets come first. */
function hitsOf({ targets, sessions, negatives }: SampledInputs, codes: Tensor): Tensor {
  const same = (x: Tensor, others: Tensor): Tensor => equal(reshape(x, [-1, 1]), others)
  const itself = same(targets, codes)
  if (sessions === undefined || negatives.kind === 'shared' || negatives.kind === 'each') return itself
  if (negatives.kind === 'batch') return or(itself, same(sessions, sessions))
  // The drawn ones are of no session.
  const none = cast(full(negatives.codes.shape, -1), 'int32')
  return or(itself, same(sessions, concat([sessions, none], { axis: 0 })))
}

interface Pool {
  /** [n], or [labels, n] for `each`; so are `logQ` and `bias`, and `rows` with a width. */
  readonly codes: Tensor
  readonly logQ: Tensor | undefined
  readonly rows: Tensor
  readonly bias: Tensor | undefined
}

const rowsOf = ({ table, unit }: SampledInputs, codes: Tensor): Tensor => {
  const rows = gather(table, codes)
  return unit === true ? unitLength(rows) : rows
}

function pool(inputs: SampledInputs, targetRows: Tensor, targetBias: Tensor | undefined): Pool {
  const { bias, targets, targetLogQ, negatives } = inputs
  const ofBatch: Pool = { codes: targets, logQ: targetLogQ, rows: targetRows, bias: targetBias }
  if (negatives.kind === 'batch') return ofBatch
  const { codes, logQ } = negatives
  const drawn: Pool = { codes, logQ, rows: rowsOf(inputs, codes), bias: bias && gather(bias, codes) }
  if (negatives.kind !== 'mixed') return drawn
  const joined = (left: Tensor | undefined, right: Tensor | undefined): Tensor | undefined =>
    left && right && concat([left, right], { axis: 0 })
  return {
    codes: concat([targets, codes], { axis: 0 }),
    logQ: joined(targetLogQ, logQ),
    rows: concat([targetRows, drawn.rows], { axis: 0 }),
    bias: joined(targetBias, drawn.bias),
  }
}

/** hidden [labels, width] times rows [n, width] or [labels, n, width] → [labels, n]. */
function products(hidden: Tensor, rows: Tensor): Tensor {
  if (rows.shape.length === 2) return gemm(hidden, rows, { transposeB: true })
  const [labels, n, width] = rows.shape as [number, number, number]
  const value = reshape(matmul(rows, reshape(hidden, [labels, width, 1])), [labels, n])
  // The rule of `matmul` would transpose the rows, which are many.
  return customGradient(value, [hidden, rows], (dy) => [
    reshape(matmul(reshape(dy, [labels, 1, n]), rows), [labels, width]),
    mul(reshape(dy, [labels, n, 1]), reshape(hidden, [labels, 1, width])),
  ])
}

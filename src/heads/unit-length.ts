import { add, div, mul, sqrt, sum, type Tensor } from '../graph/index.ts'

/** Keeps the length of a row of zeros, such as that of padding, above 0. */
const SMALLEST = 1e-12

/** Each row over its length, so that products of two are the cosines of their angles: [..., width] → [..., width]. */
export const unitLength = (rows: Tensor): Tensor =>
  div(rows, sqrt(add(sum(mul(rows, rows), { axes: [-1], keepDims: true }), SMALLEST)))

import { RESERVED } from '../../codes.ts'
import { constant, slice, sub } from '../../graph/index.ts'
import { crossEntropy } from '../cross-entropy.ts'
import { unitLength } from '../unit-length.ts'
import { defineLoss, temperature } from './loss.ts'

/**
 * Cross-entropy of the softmax over the whole catalogue: −ln p(target).
 *
 * `labelSmoothing`: share of the target that is spread evenly over the catalogue (Szegedy et al. 2016); from 0, below 1, default 0.
 * A label counts 85 nats at most; its gradient is exact all the same. The gradient of the table is dense.
 */
export const fullSoftmax = defineLoss({
  kind: 'full-softmax',
  negatives: [],
  options: { temperature, labelSmoothing: { default: 0, min: 0, below: 1 } },
  build: ({ hidden, table, unit, bias, targets }, { temperature, labelSmoothing }) => {
    const rows = slice(table, { axis: 0, start: RESERVED })
    return crossEntropy(
      hidden,
      unit === true ? unitLength(rows) : rows,
      sub(targets, constant(RESERVED, [], 'int32')),
      {
        temperature,
        smoothing: labelSmoothing,
        ...(bias === undefined ? {} : { bias: slice(bias, { axis: 0, start: RESERVED }) }),
      },
    )
  },
})

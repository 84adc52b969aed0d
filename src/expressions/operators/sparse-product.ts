import { fixed } from '../infer.ts'
import { operator, type Operator } from '../operator.ts'
import { sparseOf } from '../sparse-text.ts'
import { finite } from '../value.ts'

/**
 * Σ l[i]·r[i] of two sparse vectors as texts, in 32 bits: what NVTabular's ColumnSimilarity computes of each row. `sparsePattern` says how they are spelled.
 * It is summed in the order of the left text; of an index that is twice in the right one, the first counts. Missing where one is missing or spelled otherwise.
 */
export const sparseProduct: Operator = operator({
  name: 'sparseProduct',
  scope: 'event',
  infer: fixed('sparseProduct', ['text', 'text'], 'number'),
  sql: ([left, right], { dialect }) => dialect.sparseProduct(left!, right!),
  evaluate: ([left, right]) => {
    if (left === null || right === null) return null
    const [one, other] = [sparseOf(left as string), sparseOf(right as string)]
    if (one === null || other === null) return null
    const weights = new Map(other.toReversed())
    let sum = 0
    for (const [index, weight] of one) {
      const against = weights.get(index)
      if (against !== undefined) sum += weight * against
    }
    return finite(Math.fround(sum + 0))
  },
})

import { EnsuiteError } from '../errors.ts'
import { baseline, type Baseline } from './baseline.ts'
import { invertSymmetric } from './invert-symmetric.ts'
import { sessionIndex, type SessionIndex } from './session-index.ts'
import { settledOptions } from './settled-options.ts'

export interface EaseOptions {
  /** Is added to the diagonal of items × items (λ); default 100. */
  readonly regularisation?: number
}

const DEFAULTS: Required<EaseOptions> = { regularisation: 100 }

/** A matrix of this many items takes 3.2 GB, and hours to invert. */
const MOST_ITEMS = 20_000

/**
 * EASEᴿ: a linear model of which items are in a session by which others are, in closed form.
 * Steck, "Embarrassingly shallow autoencoders for sparse data", WWW 2019: G = XᵀX, P = (G + λI)⁻¹, B = I − P ÷ diag(P), scores xB. X: [sessions, items], 1 where the session holds the item;
 * x: the items of the prefix, each once, whatever their order.
 *
 * It is solved when it is first asked after `fit` or `update`: items³ multiplications, and 8 · items² bytes. Throws `MEMORY_FULL` above 20,000 items.
 */
export function ease(options: EaseOptions = {}): Baseline {
  const full = settledOptions('ease', options, DEFAULTS)
  return baseline({ kind: 'ease', options: { ...full }, silentAtZero: true }, (items) => {
    if (items > MOST_ITEMS)
      throw new EnsuiteError(
        'MEMORY_FULL',
        `The baseline ease inverts a matrix of items × items: for ${items} items ${((8 * items ** 2) / 1e9).toFixed(1)} GB; it takes ${MOST_ITEMS} items at most. Choose another baseline, such as item-knn.`,
      )
    const index = sessionIndex(items)
    let solved: Float64Array | undefined
    return {
      update: (sessions) => {
        index.add(sessions)
        solved = undefined
      },
      score: (prefix, row) => {
        const inverse = (solved ??= invertSymmetric(gram(index, items, full.regularisation), items))
        const sums = new Float64Array(items)
        for (const column of new Set(prefix)) {
          const from = inverse.subarray(column * items, (column + 1) * items)
          for (let item = 0; item < items; item++) if (item !== column) sums[item]! -= from[item]!
        }
        for (let item = 0; item < items; item++) row[item] = sums[item]! / inverse[item * items + item]!
      },
    }
  })
}

/** XᵀX + λI: [items, items]. */
function gram(index: SessionIndex, items: number, regularisation: number): Float64Array {
  const matrix = new Float64Array(items * items)
  for (let session = 0; session < index.size(); session++)
    index.visit(session, (row) => index.visit(session, (column) => matrix[row * items + column]!++))
  for (let item = 0; item < items; item++) matrix[item * items + item]! += regularisation
  return matrix
}

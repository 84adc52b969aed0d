import { baseline, type Baseline } from './baseline.ts'
import { sessionIndex } from './session-index.ts'
import { settledOptions } from './settled-options.ts'

export interface ItemKnnOptions {
  /** How many items are like one (`n_sims`); default 100. */
  readonly neighbours?: number
  /** Is added to the occurrences of each item, so that rare ones are less alike by chance (`lmbd`); default 20. */
  readonly shrinkage?: number
  /** Share of the last item in the norm (`alpha`): 0.5, the default, is the cosine, 1 what follows from the last item alone. */
  readonly balance?: number
}

const DEFAULTS: Required<ItemKnnOptions> = { neighbours: 100, shrinkage: 20, balance: 0.5 }

/**
 * Item-kNN: the items that share most sessions with the last one,
 * pairs(i, j) ÷ ((occurrences(i) + λ)^α · (occurrences(j) + λ)^(1 − α)), where pairs(i, j) are the occurrences of i, the last item, in sessions that hold j.
 * Sarwar, Karypis, Konstan and Riedl, "Item-based collaborative filtering recommendation algorithms", WWW 2001; over sessions Hidasi et al., ICLR 2016, as session-rec has it (`ItemKNN`); defaults
 * and names in brackets are its.
 *
 * Differs: of equally like items those of lower code are kept. What is like an item is worked out when it is first asked for.
 */
export function itemKnn(options: ItemKnnOptions = {}): Baseline {
  const full = settledOptions('itemKnn', options, DEFAULTS)
  const { neighbours, shrinkage, balance } = full
  return baseline({ kind: 'item-knn', options: { ...full }, silentAtZero: true }, (items) => {
    const index = sessionIndex(items)
    const alike = new Map<number, readonly (readonly [column: number, similarity: number])[]>()

    const work = (last: number): readonly (readonly [number, number])[] => {
      const pairs = new Map<number, number>()
      for (const session of index.ofItem(last)) {
        let own = 0
        index.visit(session, (column, _, repeats) => {
          if (column === last) own = repeats
        })
        index.visit(session, (column) => {
          if (column !== last) pairs.set(column, (pairs.get(column) ?? 0) + own)
        })
      }
      const supportOf = (column: number): number => index.counts[column]! + shrinkage
      return Array.from(pairs, ([column, count]): readonly [number, number] => [
        column,
        count / (supportOf(last) ** balance * supportOf(column) ** (1 - balance)),
      ])
        .sort((one, other) => other[1] - one[1] || one[0] - other[0])
        .slice(0, neighbours)
    }
    return {
      update: (sessions) => {
        index.add(sessions)
        alike.clear()
      },
      score: (prefix, row) => {
        const last = prefix.at(-1)
        if (last === undefined) return
        const found = alike.get(last) ?? work(last)
        alike.set(last, found)
        for (const [column, similarity] of found) row[column] = similarity
      },
    }
  })
}

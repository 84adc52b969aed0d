import { lookup } from './build-fitted.ts'
import { compareCodePoints } from './code-points.ts'
import { node, type Expression, type Operand } from './expression.ts'
import { expectOption, isText } from './infer.ts'
import { sparseText } from './sparse-text.ts'
import { checkChoice, checkOptions } from '../options.ts'

/** By key (such as an item), by feature (such as a word or a category): its weight, 0 where it is left out. */
export type SparseTable = Readonly<Record<string, Readonly<Record<string, number>>>>

const metrics = ['tfidf', 'cosine', 'inner'] as const

/**
 * How alike two keys are by their features (NVTabular's ColumnSimilarity): Σ l[f]·r[f], in 32 bits, of weights w made from those given, x, for each table alone:
 *
 * - 'tfidf', the default: w = x·ln(N ÷ n[f]), then as for 'cosine'; N keys, n[f] of them with the feature;
 * - 'cosine': w = x ÷ √(Σ x²) over the features of the key;
 * - 'inner': w = x.
 *
 * Missing for a key that is missing or not in its table. `right`: the table of the right key; default: that of the left one.
 * Differs: features have names; a key whose weights are all 0 is like nothing (0, and not NaN).
 * Throws `OPTION_UNKNOWN` or `OPTION_INVALID`.
 */
export function similarity(
  left: Operand,
  right: Operand,
  options: {
    readonly left: SparseTable
    readonly right?: SparseTable
    readonly metric?: (typeof metrics)[number]
  },
): Expression {
  checkOptions('similarity', options, ['left', 'right', 'metric'])
  const { left: one, right: other = one, metric = 'tfidf' } = options
  checkChoice('similarity: metric', metric, metrics)
  for (const table of [one, other]) checkTable(table)
  const names = new Set([one, other].flatMap((table) => Object.values(table).flatMap(Object.keys)))
  const indexes = new Map([...names].sort(compareCodePoints).map((name, index) => [name, index]))
  const side = (key: Operand, table: SparseTable): Expression => {
    const weighted = metric === 'tfidf' ? byRarity(table) : table
    const values = Object.values(weighted).map((weights) =>
      sparseText(
        Object.entries(metric === 'inner' ? weights : ofLengthOne(weights))
          .filter(([, weight]) => weight !== 0)
          .map(([name, weight]) => [indexes.get(name)!, weight] as const)
          .sort(([before], [after]) => before - after),
      ),
    )
    return lookup(key, { keys: Object.keys(weighted).map((each) => [each]), values })
  }
  return node('sparseProduct', [side(left, one), side(right, other)])
}

function checkTable(table: unknown): asserts table is SparseTable {
  const isTable = isRecord(table) && Object.keys(table as object).length > 0
  expectOption('similarity', isTable, 'a table is features by key, of one key or more', table)
  for (const [key, features] of Object.entries(table as Record<string, unknown>)) {
    const good =
      isText(key) &&
      isRecord(features) &&
      Object.entries(features as Record<string, unknown>).every(
        ([name, weight]) => isText(name) && Number.isFinite(weight),
      )
    expectOption('similarity', good, `finite weights by feature are expected for '${key}'`, features)
  }
}

const isRecord = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const mapWeights = (
  weights: SparseTable[string],
  map: (weight: number, name: string) => number,
): SparseTable[string] =>
  Object.fromEntries(Object.entries(weights).map(([name, weight]) => [name, map(weight, name)]))

/** x·ln(N ÷ n[f]). */
function byRarity(table: SparseTable): SparseTable {
  const counts = new Map<string, number>()
  for (const weights of Object.values(table))
    for (const [name, weight] of Object.entries(weights))
      if (weight !== 0) counts.set(name, (counts.get(name) ?? 0) + 1)
  const all = Object.keys(table).length
  return Object.fromEntries(
    Object.entries(table).map(([key, weights]) => [
      key,
      mapWeights(weights, (weight, name) => (weight === 0 ? 0 : weight * Math.log(all / counts.get(name)!))),
    ]),
  )
}

/** x ÷ √(Σ x²), by way of x ÷ max |x|, whose squares neither overflow nor vanish. */
function ofLengthOne(weights: SparseTable[string]): SparseTable[string] {
  const most = Math.max(0, ...Object.values(weights).map(Math.abs))
  if (most === 0) return weights
  const length = Math.hypot(...Object.values(weights).map((weight) => weight / most))
  return mapWeights(weights, (weight) => weight / most / length)
}

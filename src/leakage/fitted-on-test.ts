import { firstItem, itemNames } from './item-names.ts'
import { counted, EXAMPLES, type LeakCheck, type LeakFinding } from './leakage-input.ts'
import { eachEvent, spansOf, wholeLog, type Span } from './whole-log.ts'

/** How far a mean and a deviation may be from 0 and 1, and be those of what was normalised. */
const NEAR = 1e-4
/** From here on they are those of something else. */
const FAR = 1e-3

/** Vocabularies and statistics that were learnt from what is predicted, too: codes of items that training never has, and numbers that are normalised over the whole log, and not over training. */
export const fittedOnTest: LeakCheck = (input) => {
  const { train, validation, test, fitted, learnFrom = 'training', extended = false } = input
  const severity = learnFrom === 'all' ? 'warning' : 'error'
  const known = new Set(train.items)
  const first = firstItem(fitted)
  const unseen = new Set<number>()
  for (const part of [validation, test])
    for (const item of part.items) if (item >= first && !known.has(item)) unseen.add(item)
  const vocabulary: readonly LeakFinding[] =
    extended || unseen.size === 0
      ? []
      : [
          {
            kind: 'fitted-on-test',
            severity,
            count: unseen.size,
            examples: itemNames(input, unseen),
            message: `${counted(unseen.size, 'item')} with a code that no training event has: the vocabulary was learnt from what is predicted. ${LEARN}`,
          },
        ]
  if (Object.keys(train.continuous).length === 0) return vocabulary
  const [own, all] = [spansOf(train), wholeLog(input)]
  const statistics = Object.keys(train.continuous).filter((name) => {
    const [inTraining, inAll] = [moments(own, name), moments(all, name)]
    return (
      Math.abs(inAll.mean) <= NEAR &&
      Math.abs(inAll.deviation - 1) <= NEAR + 1 / inAll.count &&
      (Math.abs(inTraining.mean) > FAR || Math.abs(inTraining.deviation - 1) > FAR)
    )
  })
  if (statistics.length === 0) return vocabulary
  return [
    ...vocabulary,
    {
      kind: 'fitted-on-test',
      severity,
      count: statistics.length,
      examples: statistics.slice(0, EXAMPLES),
      message: `${counted(statistics.length, 'feature')} normalised by the mean and the deviation of the whole log, and not by those of training. ${LEARN}`,
    },
  ]
}

const LEARN =
  'Learn from the training part alone (fitSplit, or --learn-from training; of a prepared folder, prepare --split with the shares that it is trained with).'

function moments(
  spans: readonly Span[],
  name: string,
): { readonly mean: number; readonly deviation: number; readonly count: number } {
  let [count, sum, squares] = [0, 0, 0]
  eachEvent(spans, (event, { continuous }) => {
    const value = continuous[name]?.[event]
    if (value === undefined || Number.isNaN(value)) return
    count++
    sum += value
    squares += value * value
  })
  const mean = sum / count
  return { mean, deviation: Math.sqrt(squares / count - mean * mean), count }
}

import type { Served, ServedHead } from '../artifact/index.ts'
import { RESERVED } from '../codes.ts'
import type { FittedWorkflow } from '../workflow/fitted-workflow.ts'
import { hasVocabulary } from '../workflow/vocabulary.ts'
import type { ScoredRow } from './session-row.ts'

/**
 * What the heads that score no items say of a session, by their names: the probability of a binary head; an amount, in the units of the feature; of classes the probability
 * of each raw value, or of the 100 likeliest where there are more. A class without a raw value is called by its number from 0, `bucket 0` where the vocabulary has buckets.
 */
export type Predictions = Readonly<Record<string, number | Readonly<Record<string, number>>>>

/** Turns classes into raw values. */
export function namePredictions(
  { heads }: Served,
  workflow: FittedWorkflow,
): (predictions: ScoredRow['predictions']) => Predictions {
  const named = heads.map((head) => ({ name: head.name, nameOf: classNames(head, workflow) }))
  return (predictions) =>
    Object.fromEntries(
      named.map(({ name, nameOf }): [string, Predictions[string]] => {
        const own = predictions[name]!
        if (typeof own === 'number') return [name, own]
        return [
          name,
          Object.fromEntries(Array.from(own.columns, (column, at) => [nameOf(column), own.scores[at]!])),
        ]
      }),
    )
}

function classNames({ target, classes }: ServedHead, workflow: FittedWorkflow): (column: number) => string {
  // What has codes without having learnt values, such as a hash, has no raw values.
  if (classes === undefined || !hasVocabulary(workflow.definition.features[target]!)) return String
  const { values, size } = workflow.vocabulary(target)
  const buckets = size - RESERVED - values.length
  return (column) => (column < buckets ? `bucket ${column}` : values[column - buckets]!)
}

import { EnsuiteError } from '../errors.ts'
import { checkValues } from './check-values.ts'

/**
 * Throws `OPTION_INVALID` for what are no lists, `SHAPE_MISMATCH` unless there are `each` predictions a target, and `TRAINING_DIVERGED` for a prediction that is NaN:
 * it would be neither right nor wrong, and counted as either it would hide a broken model.
 */
export function checkPairs(
  metric: string,
  targets: ArrayLike<number>,
  { predictions, each = 1 }: { readonly predictions: ArrayLike<number>; readonly each?: number },
): void {
  checkValues(`${metric}: targets`, targets)
  checkValues(`${metric}: predictions`, predictions)
  if (predictions.length !== targets.length * each)
    throw new EnsuiteError(
      'SHAPE_MISMATCH',
      `${metric} expects ${each === 1 ? 'a prediction' : `${each} predictions`} a target: ${targets.length * each}, received ${predictions.length}.`,
    )
  for (let at = 0; at < predictions.length; at++)
    if (Number.isNaN(predictions[at]))
      throw new EnsuiteError(
        'TRAINING_DIVERGED',
        `${metric} expects predictions that are numbers, received NaN at ${at}. ` +
          'The weights have probably diverged: train again with a lower learning rate, or from an earlier checkpoint.',
      )
}

import { EnsuiteError } from '../errors.ts'
import type { UpdateAt } from './update-graph.ts'

/** Throws `TRAINING_DIVERGED` unless loss and norm are finite: to be asked before anything is updated. */
export function checkFinite(
  result: { readonly loss: number; readonly gradientNorm: number },
  { update, learningRate }: UpdateAt,
): void {
  const { loss, gradientNorm } = result
  if (Number.isFinite(loss) && Number.isFinite(gradientNorm)) return
  throw new EnsuiteError(
    'TRAINING_DIVERGED',
    `At update ${update} the loss is ${loss} and the norm of the gradient ${gradientNorm}. Train anew with a lower learning rate (now ${learningRate}), or a smaller clipNorm: a checkpoint goes on with the same ones alone, so choose another folder for it, or remove its own.`,
  )
}

import type { UpdateRecord } from '../train/index.ts'
import type { RunEvent } from './run-schemas.ts'

/** Numbers by the names that TensorBoard and MLflow have them under. */
export type LoggedValues = Readonly<Record<string, number | undefined>>

const prefixed = (prefix: string, values: Readonly<Record<string, number>>): LoggedValues =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [`${prefix}/${name}`, value]))

/** What is logged of a record, by its kind. */
export const loggedValues = {
  update: ({
    updateLoss,
    learningRate,
    gradientNorm,
  }: Pick<UpdateRecord, 'updateLoss' | 'learningRate' | 'gradientNorm'>): LoggedValues => ({
    'train/loss': updateLoss,
    'train/learning_rate': learningRate,
    'train/gradient_norm': gradientNorm,
  }),
  evaluation: ({ validation }: { readonly validation: Readonly<Record<string, number>> }): LoggedValues =>
    prefixed('validation', validation),
  epoch: ({ loss }: { readonly loss: number }): LoggedValues => ({ 'train/epoch_loss': loss }),
  window: ({
    loss,
    metrics = {},
  }: {
    readonly loss?: number
    readonly metrics?: Readonly<Record<string, number>>
  }): LoggedValues => ({ 'train/window_loss': loss, ...prefixed('window', metrics) }),
}

/** The same of a line that `doneLines` gives. */
export function loggedValuesOf(line: RunEvent): LoggedValues {
  if (line.kind === 'evaluation') return loggedValues.evaluation(line)
  if (line.kind === 'epoch') return loggedValues.epoch(line)
  return line.kind === 'window' ? loggedValues.window(line) : {}
}

import { createPlainKernels } from '../kernels/index.ts'
import type { Model } from '../model.ts'
import { EnsuiteError } from '../errors.ts'
import { checkModel } from '../model/check-model.ts'
import { checkChoice, checkNumber, checkPath } from '../options.ts'
import { FILE, type Weights } from './checkpoint.ts'
import { keptFiles } from './kept-checkpoints.ts'
import { openCheckpoint, type OpenedCheckpoint } from './open-checkpoint.ts'
import { noCheckpoint } from './open-to-resume.ts'
import { createParameterStore, storeBytes, weightsOf } from './parameter-store.ts'
import { settleUpdates, type UpdatesAsked } from './settle-updates.ts'

/**
 * The weights of a checkpoint, to evaluate or save what a run has learnt so far: `{ model, weights }` is what `evaluateHeads` and `saveArtifact` take.
 *
 * `which`: those of the best evaluation (the default), the `last` ones, or those at the end of an epoch that is kept, by its number; of a run over windows at the end of a window.
 * Throws `CHECKPOINT_INVALID` where there is none such, or it is one of another model, and `OPTION_INVALID`.
 */
export async function checkpointWeights(
  model: Model,
  folder: string,
  which: 'best' | 'last' | number = 'best',
): Promise<Weights> {
  checkModel('checkpointWeights', model)
  checkPath('checkpointWeights', folder)
  if (typeof which === 'number') checkNumber('checkpointWeights: which', which, { integer: true, min: 1 })
  else checkChoice('checkpointWeights: which', which, ['best', 'last'])
  const opened = await open(folder, which)
  const { fingerprint } = opened.progress
  const { seed, updates } = askedOf(fingerprint)
  const plan = settleUpdates(updates).planFor(model)
  const kernels = createPlainKernels({ bytes: storeBytes(model.parameters, plan) })
  const store = createParameterStore(kernels, model.parameters, {
    ...{ seed, plan, given: model.pretrained },
  })
  const best = opened.restore(store)
  if (which === 'best') {
    if (best === undefined) throw noCheckpoint(folder, 'of a best evaluation', await keptFiles(folder))
    return best
  }
  return Object.fromEntries(Object.entries(weightsOf(store)).map(([name, values]) => [name, values.slice()]))
}

async function open(folder: string, which: 'best' | 'last' | number): Promise<OpenedCheckpoint> {
  const there = await keptFiles(folder)
  // A run that has ended may have left those alone that are kept; each holds the best weights until then.
  const files =
    typeof which === 'number'
      ? [`epoch-${which}.safetensors`, `window-${which}.safetensors`]
      : [FILE, ...there.slice(0, 1)]
  for (const file of files) {
    const opened = await openCheckpoint(folder, undefined, file)
    if (opened !== undefined) return opened
  }
  throw noCheckpoint(folder, typeof which === 'number' ? `of ${which}` : 'at all', there)
}

/** What a run was asked for: what it did not train is no part of a checkpoint, and was drawn by the seed; what the optimizer holds is there by its kind. */
function askedOf(fingerprint: string): { readonly seed: number; readonly updates: UpdatesAsked } {
  const none = new EnsuiteError(
    'CHECKPOINT_INVALID',
    'The checkpoint does not say what run it is of. Train again.',
  )
  try {
    const { seed, optimizer, averaging, parts } = JSON.parse(fingerprint) as Readonly<Record<string, unknown>>
    if (typeof seed !== 'number' || typeof optimizer !== 'object' || optimizer === null) throw none
    return { seed, updates: updatesFrom({ optimizer, averaging, parts }) }
  } catch (cause) {
    throw cause === none ? none : new EnsuiteError('CHECKPOINT_INVALID', none.message, { cause })
  }
}

const updatesFrom = ({ optimizer, averaging, parts }: Readonly<Record<string, unknown>>): UpdatesAsked => ({
  // JSON has no Infinity.
  optimizer: Object.fromEntries(
    Object.entries(optimizer as object).map(([name, value]: [string, unknown]) => [name, value ?? Infinity]),
  ),
  ...(averaging !== 'none' && { averaging: averaging as NonNullable<UpdatesAsked['averaging']> }),
  parts: parts as NonNullable<UpdatesAsked['parts']>,
})

import { createPlainKernels } from '../kernels/index.ts'
import type { Model } from '../model.ts'
import { EnsuiteError } from '../errors.ts'
import { checkChoice, checkNumber } from '../options.ts'
import { FILE, openCheckpoint, type OpenedCheckpoint, type Weights } from './checkpoint.ts'
import { keptFiles, noCheckpoint } from './kept-checkpoints.ts'
import { createParameterStore, storeBytes } from './parameter-store.ts'

/**
 * The weights of a checkpoint, to evaluate or save what a run has learnt so far: `{ model, weights }` is what `evaluateHeads` and `saveArtifact` take.
 *
 * `which`: those of the best evaluation (the default), the `last` ones, or those at the end of an epoch that is kept, by its number; of a run over windows at the end of a window.
 * Throws `CHECKPOINT_INVALID` where there is none such, or it is one of another model.
 */
export async function checkpointWeights(
  model: Model,
  folder: string,
  which: 'best' | 'last' | number = 'best',
): Promise<Weights> {
  if (typeof which === 'number') checkNumber('checkpointWeights: which', which, { integer: true, min: 1 })
  else checkChoice('checkpointWeights: which', which, ['best', 'last'])
  const opened = await open(folder, which)
  const { fingerprint } = opened.progress
  const seed = seedOf(fingerprint)
  const kernels = createPlainKernels({ bytes: storeBytes(model.parameters) })
  const store = createParameterStore(kernels, model.parameters, seed, model.pretrained)
  const best = opened.restore(store)
  if (which === 'best') {
    if (best === undefined) throw noCheckpoint(folder, 'of a best evaluation', await keptFiles(folder))
    return best
  }
  return Object.fromEntries(store.slots.map(({ parameter, values }) => [parameter.name, values.slice()]))
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

/** What was not trained is no part of a checkpoint, and was drawn by it. */
function seedOf(fingerprint: string): number {
  try {
    const { seed } = JSON.parse(fingerprint) as { readonly seed?: unknown }
    if (typeof seed === 'number') return seed
  } catch {
    // As below.
  }
  throw new EnsuiteError('CHECKPOINT_INVALID', 'The checkpoint does not say what run it is of. Train again.')
}

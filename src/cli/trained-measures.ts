import type { AnyArtifact } from '../artifact/index.ts'

/** How the training of an artifact was measured, where its record says so. */
export interface TrainedMeasures {
  readonly ks?: readonly number[]
  readonly filterSeen?: boolean
}

/** Cutoffs and whether seen items were left out, as the training of an artifact says; what it says otherwise than it should counts as not said. */
export function trainedMeasures({ training }: AnyArtifact): TrainedMeasures {
  const { ks, filterSeen } = Object(training?.['train']) as Readonly<Record<string, unknown>>
  const isCutoff = (k: unknown): k is number => typeof k === 'number'
  return {
    ...(Array.isArray(ks) && ks.length > 0 && ks.every(isCutoff) && { ks }),
    ...(typeof filterSeen === 'boolean' && { filterSeen }),
  }
}

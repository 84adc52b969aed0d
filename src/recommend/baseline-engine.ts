import type { SavedBaseline, Served } from '../artifact/index.ts'
import { baselineOfKind, type Baseline, type FittedBaseline } from '../baselines/index.ts'
import { RESERVED } from '../codes.ts'
import type { Sessions } from '../data/sessions.ts'
import { EnsuiteError } from '../errors.ts'
import { rankRow } from './rank-row.ts'
import type { ScoringEngine } from './scoring-engine.ts'
import type { AskedRow, ScoredRow } from './session-row.ts'

/** What of a baseline's artifact scores, as it is sent to a thread. */
export interface BaselineFiles extends Pick<Baseline, 'kind' | 'options'> {
  readonly sessions: Sessions
}

/**
 * Scores by a baseline, which is fitted here, and asked once, so that what it solves at its first answer is solved. Throws `ARTIFACT_INVALID` where it cannot be fitted on its sessions, or gives no
 * finite scores.
 */
export function openBaselineEngine(
  { kind, options, sessions }: BaselineFiles,
  { served }: { readonly served: Served },
): ScoringEngine {
  const score = baselineScorer(servedBaseline({ kind, options, sessions }, served), served)
  return {
    // A throw becomes a rejection.
    score: (rows) => Promise.resolve(rows).then((all) => all.map(score)),
    embed: () => Promise.reject(noVectors('new items')),
    close: () => Promise.resolve(),
  }
}

/** Scores a row by what was fitted: of a session after its events, of an item after a session of that one alone. */
export function baselineScorer(
  fitted: FittedBaseline,
  { silentAtZero = false }: Pick<Served, 'silentAtZero'>,
): (row: AskedRow) => ScoredRow {
  const marks = new Uint8Array(fitted.items)
  return (row) => {
    if ('vectorsOf' in row) throw noVectors('items')
    const events = 'near' in row ? Int32Array.of(row.near + RESERVED) : (row.inputs['items'] as Int32Array)
    const scores = fitted.scoreAfter(events)
    const excluded =
      silentAtZero && row.saidOnly === true
        ? Int32Array.from([...row.excluded, ...silentColumns(scores, row.candidates?.boosts)])
        : row.excluded
    return {
      ...rankRow(scores, { ...row, excluded }, marks),
      predictions: {},
      ...(silentAtZero && isSilent(scores, row.excluded) && { silent: true }),
    }
  }
}

/** The columns that nothing is said for, by a boost neither: a score of 0 says nothing, one below 0 speaks against. */
const silentColumns = (scores: Float32Array, boosts: Float32Array | undefined): Int32Array =>
  Int32Array.from(scores.keys()).filter((column) => scores[column]! <= 0 && (boosts?.[column] ?? 0) <= 0)

/** Whether there are columns beside the excluded ones, and nothing is said of any, for or against. */
function isSilent(scores: Float32Array, excluded: Int32Array): boolean {
  const left = new Set(excluded)
  if (left.size === scores.length) return false
  return scores.every((score, column) => score === 0 || left.has(column))
}

/** Fits a baseline and asks it once. Throws as `openBaselineEngine` does. */
export function servedBaseline(
  { kind, options, sessions }: BaselineFiles,
  { items }: Pick<Served, 'items'>,
): FittedBaseline {
  try {
    const fitted = baselineOfKind(kind, options).fit(sessions, { items })
    const scores = fitted.scoreAfter(Int32Array.of(RESERVED))
    if (scores.every(Number.isFinite)) return fitted
    throw new EnsuiteError('OPTION_INVALID', 'it gives scores that are no finite numbers.')
  } catch (cause) {
    throw new EnsuiteError(
      'ARTIFACT_INVALID',
      `The baseline ${kind} of this artifact cannot be fitted on its sessions: ${(cause as Error).message} Restore it from where it was saved, or train it again.`,
      { cause },
    )
  }
}

/** The error for what is asked of vectors. */
export const noVectors = (what: string): EnsuiteError =>
  new EnsuiteError(
    'OPTION_INVALID',
    `A baseline has no vectors of ${what}: it scores by counting. Ask for what needs none, or take a model.`,
  )

/** What a thread is sent of an artifact. */
export const baselineFiles = ({ baseline: { kind, options }, sessions }: SavedBaseline): BaselineFiles => ({
  kind,
  options,
  sessions,
})

import { checkChoice } from '../options.ts'
import { baseline, type Baseline } from './baseline.ts'
import { neighbourScores } from './neighbours.ts'
import { sessionIndex } from './session-index.ts'
import { settledOptions } from './settled-options.ts'
import { ofPlace, ofSteps, weightings, type Weighting } from './weightings.ts'

export interface VsknnOptions {
  /** How many like sessions are listened to (`k`); default 100. */
  readonly neighbours?: number
  /** How many of the most recent sessions with an item of the prefix are compared (`sample_size`), 0 for all; default 1000. */
  readonly sampleSize?: number
  /** `share` of the prefix, the default (session-rec's `vec`), or `cosine`, over the lengths of both sessions. */
  readonly similarity?: 'share' | 'cosine'
  /** How the weight of an event in the similarity falls with its distance from the last; default `div`. */
  readonly weighting?: Weighting
  /** How what a neighbour says falls with the distance of its latest shared item (`weighting_score`); default `div`. */
  readonly scoreWeighting?: Weighting
  /** Rare items count for more: 1 + idfWeight · ln(sessions ÷ occurrences) (`idf_weighting`); default 0. */
  readonly idfWeight?: number
  /** Whether items of the prefix are scored; default true. */
  readonly remind?: boolean
  /** Whether items of the prefix are multiplied by 1 + how often they are there (`push_reminders`); default false. */
  readonly pushReminders?: boolean
}

const DEFAULTS: Required<VsknnOptions> = {
  neighbours: 100,
  sampleSize: 1000,
  similarity: 'share',
  weighting: 'div',
  scoreWeighting: 'div',
  idfWeight: 0,
  remind: true,
  pushReminders: false,
}

/**
 * V-SkNN: what the sessions hold that are like this one, its last events counting for most.
 * Ludewig and Jannach, "Evaluation of session-based recommendation algorithms", UMUAI 2018, as session-rec has it (`VMContextKNN`); defaults and names in brackets are its.
 *
 * Differs: equally like sessions are taken by recency (there: by the order of a Python set); no random samples, dwelling times or sessions that are added while it answers.
 * Sessions without times are as recent as their place in the log says.
 */
export function vsknn(options: VsknnOptions = {}): Baseline {
  const full = settledOptions('vsknn', options, DEFAULTS)
  checkChoice('baselines.vsknn: similarity', full.similarity, ['share', 'cosine'])
  checkChoice('baselines.vsknn: weighting', full.weighting, weightings)
  checkChoice('baselines.vsknn: scoreWeighting', full.scoreWeighting, weightings)
  return baseline({ kind: 'vsknn', options: { ...full }, silentAtZero: true }, (items) => {
    const index = sessionIndex(items)
    const ofStep = ofSteps[full.scoreWeighting]
    const rules = {
      ...full,
      ofEvent: ofPlace[full.weighting],
      ofAge: () => 1,
      ofMatch: (place: number, length: number) => ofStep(length - place + 1),
      ofDistance: () => 1,
    }
    return { update: index.add, score: neighbourScores(index, rules, items) }
  })
}

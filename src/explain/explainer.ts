import { loadModel, servedOf, type AnyArtifact } from '../artifact/index.ts'
import { RESERVED, UNKNOWN } from '../codes.ts'
import { EnsuiteError } from '../errors.ts'
import type { Program, Runtime } from '../graph/index.ts'
import { checkChoice, checkGiven, checkNumber, checkOptions, checkRuntime } from '../options.ts'
import type { Event } from '../workflow/event-values.ts'
import type { WorkflowPast } from '../workflow/workflow-past.ts'
import { byGradient } from './by-gradient.ts'
import { compileGradient } from './gradient.ts'
import { leaveOneOut } from './leave-one-out.ts'
import { openScoring, type Scoring } from './open-scoring.ts'
import { readSession } from './read-session.ts'

export const explainMethods = ['leave-one-out', 'gradient'] as const
export type ExplainMethod = (typeof explainMethods)[number]

export interface ExplainOptions {
  /** The item whose score is explained, by its raw id. */
  readonly item: string
  /**
   * `leave-one-out` (the default): how far the score falls when an event is taken out of the session, all at once in a batch.
   * `gradient`: integrated gradients of the score with respect to the interaction embedding of an event, times that embedding: one batch of `steps` rows whatever the session's length.
   */
  readonly method?: ExplainMethod
  /** Of `gradient`: points on the way from embeddings of zeros to those of the session, at which the gradient is taken; 1 is gradient × input, at the session itself. Default 16. */
  readonly steps?: number
  /** What features that look at other sessions look at, as `recommend` takes it. */
  readonly past?: WorkflowPast
}

export interface Explanation {
  readonly item: string
  readonly method: ExplainMethod
  /** The item's score in this session, before any rule. */
  readonly score: number
  /** In the order of the events given. */
  readonly events: readonly EventShare[]
}

export interface EventShare {
  /** Its place among the events given, from 0. */
  readonly event: number
  /** What it does to the score: above 0 it raises it. 0 for an event that the model does not read. */
  readonly effect: number
  /** The effect ÷ the sum of all effects without their signs. */
  readonly share: number
}

/** Says which events of a session carry an item's score. */
export interface Explainer {
  /**
   * Rejects with `OPTION_INVALID` for an item that the model does not know and for a session without a known item, and with what `recommend` rejects with for its events.
   */
  explain(events: readonly Event[], options: ExplainOptions): Promise<Explanation>
  close(): Promise<void>
}

/**
 * An explainer over an artifact. The recommendation graph is opened, and that of gradients made of the model, when they are first asked for; a baseline is fitted then, and has leave-one-out alone.
 *
 * `scoring`: what scores, where it is open already.
 *
 * Papers: leave-one-out: Li, Monroe and Jurafsky 2016, erasure. Gradients: Sundararajan, Taly and Yan 2017, with embeddings of zeros as the baseline.
 * Throws `OPTION_INVALID` for what is no artifact or no runtime, and for a model that scores no items; `explain` rejects with it for gradients of a baseline.
 */
export function createExplainer(
  artifact: AnyArtifact,
  options: { readonly runtime: Runtime; readonly scoring?: Promise<Scoring> },
): Explainer {
  const isGood = ['workflow', 'manifest'].every((part) => part in (Object(artifact) as object))
  checkGiven('createExplainer', artifact, { what: 'what readArtifact or readBaseline gives', isGood })
  checkOptions('createExplainer', options, ['runtime', 'scoring'])
  const { runtime, scoring: opened } = options
  checkRuntime('createExplainer: runtime', runtime)
  const { workflow } = artifact
  const served = servedOf(artifact)
  if (served.items === 0)
    throw new EnsuiteError('OPTION_INVALID', 'The model scores no items: there is nothing to explain.')
  const vocabulary = workflow.vocabulary(workflow.definition.item!)
  // A baseline reads whole sessions.
  const maxLength = 'baseline' in artifact ? Infinity : artifact.manifest.model.maxLength
  const parts = { workflow, served, maxLength }
  let scoring = opened
  let gradient: Promise<Program> | undefined

  const explain = async (events: readonly Event[], options: ExplainOptions): Promise<Explanation> => {
    checkOptions('explain', options, ['item', 'method', 'steps', 'past'])
    const { item, method = 'leave-one-out', steps = 16, past } = options
    checkChoice('explain: method', method, explainMethods)
    checkNumber('explain: steps', steps, { integer: true, min: 1, max: 256 })
    if (method === 'gradient' && 'baseline' in artifact)
      throw new EnsuiteError(
        'OPTION_INVALID',
        'explain: a baseline has no gradients. Explain it by leave-one-out.',
      )
    const code = vocabulary.encode(item)
    if (code === UNKNOWN)
      throw new EnsuiteError(
        'OPTION_INVALID',
        `explain: item '${shown(item)}' is not known to the model, which gives it no score.`,
      )
    const read = (own: readonly Event[]) => readSession(own, { ...parts, past })
    const session = read(events)
    if (session === undefined)
      throw new EnsuiteError(
        'OPTION_INVALID',
        'explain: the model knows no item of this session, and did not score it. Nothing carried the score.',
      )
    const column = code - RESERVED
    const given = { events, session, read, column }
    // What failed is tried again by the next call.
    scoring ??= openScoring(artifact, { served, runtime }).catch((error: unknown) => {
      scoring = undefined
      throw error
    })
    if (method === 'gradient' && !('baseline' in artifact))
      gradient ??= compileGradient(loadModel(artifact), runtime).catch((error: unknown) => {
        gradient = undefined
        throw error
      })
    const { score, effects } =
      gradient === undefined || method === 'leave-one-out'
        ? await leaveOneOut(await scoring, given)
        : await byGradient(
            { scoring: await scoring, gradient: await gradient },
            { ...given, steps, definition: workflow.definition },
          )
    const total = [...effects.values()].reduce((sum, effect) => sum + Math.abs(effect), 0)
    return {
      item,
      method,
      score,
      events: events.map((_, event) => {
        const effect = effects.get(event) ?? 0
        return { event, effect, share: total === 0 ? 0 : effect / total }
      }),
    }
  }
  return {
    explain,
    close: async () => {
      for (const program of [scoring, gradient]) await (await program)?.close()
    },
  }
}

// JavaScript may give anything.
const shown = (item: unknown): string => String(item).slice(0, 100)

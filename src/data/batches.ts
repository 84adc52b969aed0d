import type { SessionMasking } from '../masking/index.ts'

type Columns = Readonly<Record<string, Int32Array | Float32Array>>

/** The features that heads predict, by name. */
export interface TargetColumns {
  /** Of each label's event. */
  readonly labels: readonly string[]
  /** Of each session's last event. */
  readonly sessions: readonly string[]
}

/** What a model asks of the batches that it is given. */
export interface BatchRules {
  /** What is predicted, and what is shown; default `causal()`. */
  readonly masking?: SessionMasking
  /** The features that heads predict; default: none. */
  readonly columns?: TargetColumns
  /** Features of the session, which are never hidden; default: none. */
  readonly context?: readonly string[]
  /** Whether the model reads when events were; default false. */
  readonly times?: boolean
}

/** Some sessions as dense arrays, packed several to a row; all arrays of places are flat, [rows * time]. */
export interface Batch {
  readonly rows: number
  readonly time: number
  /** Item codes of the inputs, `PADDING` where no event is: [rows * time]. */
  readonly items: Int32Array
  /** Codes of the categorical columns, by name: [rows * time] each. */
  readonly categorical: Readonly<Record<string, Int32Array>>
  /** Numbers of the continuous features, by name, 0 where no event is: [rows * time] each. */
  readonly continuous: Readonly<Record<string, Float32Array>>
  /** 0 at padding, else which session of its row a place belongs to, from 1: [rows * time]. */
  readonly segments: Int32Array
  /** Index of the event among the inputs of its session, from 0; 0 at padding: [rows * time]. */
  readonly positions: Int32Array
  /** Whole seconds since the first event of the own session, where the model reads times; 0 at padding: [rows * time]. */
  readonly elapsed?: Int32Array
  /** Places that something is predicted at, as row * time + column: [labels]. */
  readonly labelPositions: Int32Array
  /** Code of the item that is predicted at each of them: [labels]. */
  readonly labelItems: Int32Array
  /** A feature of each label's event, by name, where a head predicts it: [labels] each. */
  readonly labelTargets?: Columns
  /** A feature of each session's last event, by name, where a head predicts it: [sessions] each. */
  readonly sessionTargets?: Columns
  /** Of a masking that predicts events at their own place: 0 where an event is shown, else its place in the order of prediction, from 1: [rows * time]. */
  readonly order?: Int32Array
  /** Beside `order`: which label is predicted at a place, 0 where none is: [rows * time]. */
  readonly labelAt?: Int32Array
  /** The places of each session, as row * time + column, −1 behind its last: [sessions * places of the longest]. */
  readonly sessionPlaces: Int32Array
  /** The sessions of this batch. When evaluating, label `i` belongs to session `sessionIndices[i]`. */
  readonly sessionIndices: Int32Array
}

/** A number of batches, each made when asked for, in any order, always the same. */
export interface BatchPlan {
  readonly count: number
  /** Throws `OPTION_INVALID` unless `index` is from 0 to `count − 1`. */
  batch(index: number): Batch
}

/** The share of places that hold an event, above 0 to 1. */
export function batchDensity(batch: Batch): number {
  return batch.segments.reduce((events, segment) => events + Math.sign(segment), 0) / batch.segments.length
}

export { type EvaluationOptions, planEvaluation } from './plan-evaluation.ts'
export { planTraining, type TrainingOptions } from './plan-training.ts'

import { knownEvents } from '../data/known-events.ts'
import { sessionLength, type Sessions, sessionsWhere } from '../data/sessions.ts'
import { EnsuiteError } from '../errors.ts'
import type { Head } from '../heads/index.ts'
import type { Model } from '../model.ts'
import { otherHeads, type HeadPredictor, type PredictOptions } from './head-predictor.ts'
import { type Direction, type MeasureOptions, measureOf, type Tally } from './head-measures/index.ts'

export interface Measured {
  /** How many targets counted, and how many did not. */
  readonly targets: number
  readonly missing: number
  /** By name; one that cannot be told from these targets is left out. */
  readonly metrics: Readonly<Record<string, number>>
  /** Beside a constant, where one was given. */
  readonly compared?: Compared
}

export interface Compared {
  /** The metrics of the constant. */
  readonly constant: Readonly<Record<string, number>>
  /** Loss of the constant less loss of the head, of each target. */
  readonly differences: Float64Array
}

/** Every metric of the heads that are not the item's, as `<head>/<metric>`. */
export const headMetrics = (
  model: Pick<Model, 'heads' | 'itemHead'>,
  options: MeasureOptions,
): Readonly<Record<string, Direction>> =>
  Object.fromEntries(
    otherHeads(model).flatMap((head) =>
      Object.entries(measureOf(head).metrics(head, options)).map(([name, direction]) => [
        `${head.name}/${name}`,
        direction,
      ]),
    ),
  )

export interface MeasureHeadsOptions extends MeasureOptions, PredictOptions {
  readonly model: Model
  /** What each head is compared with, by its name; see `constantOf`. */
  readonly constants?: Readonly<Record<string, Float32Array>>
}

/** The metrics of each head that is not the item's on the last event of each session, by the head's name. */
export async function measureHeads(
  predictor: HeadPredictor,
  sessions: Sessions,
  { model, constants, ...options }: MeasureHeadsOptions,
): Promise<Readonly<Record<string, Measured>>> {
  const running = otherHeads(model).map((head) => {
    columnOf(head, sessions)
    return { head, ...measuring(head, options, constants?.[head.name]) }
  })
  await predictor.predict(
    sessions,
    (batch, predictions) => {
      for (const { head, add } of running) {
        const columns = head.predicts === 'labels' ? batch.labelTargets : batch.sessionTargets
        add(columns![head.target!]!, checkedPredictions(head, predictions[head.name]!))
      }
    },
    options,
  )
  return Object.fromEntries(running.map(({ head, measured }) => [head.name, measured()]))
}

/** Adds up what one head predicts, and its constant beside it. */
function measuring(head: Head, options: MeasureOptions, constant: Float32Array | undefined) {
  const measure = measureOf(head)
  const [tally, constantTally] = [measure.tally(head, options), measure.tally(head, options)]
  const differences: number[] = []
  const counts = { targets: 0, missing: 0 }
  return {
    add: (values: Int32Array | Float32Array, predictions: Float32Array): void => {
      const targets = measure.targets(head, values)
      const kept = keep(head, targets, predictions)
      const count = kept.targets.length
      tally.add(kept.targets, kept.predictions)
      counts.targets += count
      counts.missing += targets.length - count
      if (constant === undefined) return
      const same = repeated(constant, count)
      constantTally.add(kept.targets, same)
      const own = measure.losses(head, kept.targets, kept.predictions)
      for (const [at, loss] of measure.losses(head, kept.targets, same).entries())
        differences.push(loss - own[at]!)
    },
    measured: (): Measured => ({
      ...counts,
      metrics: told(tally),
      ...(constant && {
        compared: { constant: told(constantTally), differences: Float64Array.from(differences) },
      }),
    }),
  }
}

/** What predicts the last events of these sessions best without looking at any: [1], of classes [classes]. Throws `SESSIONS_TOO_FEW` where none counts. */
export function constantOf(head: Head, sessions: Sessions): Float32Array {
  const targets = lastTargets(head, sessions)
  if (targets.length > 0) return measureOf(head).constant(head, targets)
  throw new EnsuiteError(
    'SESSIONS_TOO_FEW',
    `No session of the baseline has two events and a known '${head.target!}' at its last one. Give the sessions that were trained on.`,
  )
}

/** The metrics of a head that can be told from the last events of these sessions, whatever is predicted. */
export function measurable(
  head: Head,
  { sessions, ...options }: MeasureOptions & { readonly sessions: Sessions },
): readonly string[] {
  const measure = measureOf(head)
  const tally = measure.tally(head, options)
  // Whether all targets are alike is all that counts, and two tell it.
  const targets = Float64Array.from([...new Set(lastTargets(head, sessions))].slice(0, 2))
  tally.add(targets, new Float32Array(targets.length * (head.classes ?? 1)).fill(1))
  return Object.keys(told(tally))
}

const repeated = (constant: Float32Array, rows: number): Float32Array => {
  const all = new Float32Array(rows * constant.length)
  for (let row = 0; row < rows; row++) all.set(constant, row * constant.length)
  return all
}

const told = (tally: Tally): Readonly<Record<string, number>> =>
  Object.fromEntries(Object.entries(tally.values()).filter(([, value]) => !Number.isNaN(value)))

/** The targets that count of the sessions that are evaluated. */
function lastTargets(head: Head, sessions: Sessions): Float64Array {
  const known = knownEvents(sessions, { keepTargets: true })
  const column = columnOf(head, known)
  const chosen = sessionsWhere(known, (index) => sessionLength(known, index) >= 2)
  const last = Array.from(chosen, (index) => column[known.offsets[index + 1]! - 1]!)
  const values = column instanceof Int32Array ? Int32Array.from(last) : Float32Array.from(last)
  return measureOf(head)
    .targets(head, values)
    .filter((target) => !Number.isNaN(target))
}

function columnOf({ name, target }: Head, { categorical, continuous }: Sessions): Int32Array | Float32Array {
  const column = categorical[target!] ?? continuous[target!]
  if (column !== undefined) return column
  throw new EnsuiteError(
    'OPTION_INVALID',
    `Head '${name}' predicts '${target!}', which the sessions do not have. Make them by the workflow that the model was trained with.`,
  )
}

/** The targets that count, and what is predicted of them. */
function keep(
  { classes = 1 }: Head,
  targets: Float64Array,
  predictions: Float32Array,
): { readonly targets: Float64Array; readonly predictions: Float32Array } {
  if (!targets.some(Number.isNaN)) return { targets, predictions }
  const counts = targets.map((target) => Number(!Number.isNaN(target)))
  return {
    targets: targets.filter((_, at) => counts[at] === 1),
    predictions: predictions.filter((_, at) => counts[Math.floor(at / classes)] === 1),
  }
}

function checkedPredictions({ name }: Head, predictions: Float32Array): Float32Array {
  if (predictions.every(Number.isFinite)) return predictions
  throw new EnsuiteError(
    'TRAINING_DIVERGED',
    `Head '${name}' predicts what is no finite number. Train again with a lower learning rate, or from an earlier checkpoint.`,
  )
}

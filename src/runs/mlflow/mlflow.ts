import { EnsuiteError } from '../../errors.ts'
import { checkBoolean, checkNumber, checkOptions } from '../../options.ts'
import type { TrainingCallback, TrainingEnd } from '../../train/index.ts'
import { loggedValues, loggedValuesOf } from '../logged-values.ts'
import { doneLines } from '../resumed-events.ts'
import { checkUpdatesEvery, sampledUpdates } from '../sampled-updates.ts'
import { metricSender, type MetricSender } from './metric-sender.ts'
import { mlflowClient } from './mlflow-client.ts'
import { nameFor, paramsOf } from './mlflow-params.ts'
import { runOpener, type MlflowRun, type Point } from './mlflow-run.ts'

export interface MlflowOptions {
  /** The address of the server: `http://127.0.0.1:5000`. */
  readonly trackingUri: string
  /** Is made where it is not there. */
  readonly experiment: string
  /** Default: the server makes one up. */
  readonly runName?: string
  /** Sent as a bearer token. */
  readonly token?: string
  readonly tags?: Readonly<Record<string, string>>
  /** Whether training ends with `TRACKING_UNAVAILABLE` where the server does not take the run at the start, or not all of it at the end; default false: it is warned of once. */
  readonly required?: boolean
  /** Updates between points of the training loss; default so many that a run has about 2000 of them, 10 over windows of time. */
  readonly updatesEvery?: number
  /** Points that wait for the server at most, the oldest are left out of more; default 10,000. */
  readonly queue?: number
  /** How long a request may take, and all that are left at the end; default 10,000. */
  readonly timeoutMs?: number
  /** How long a server that failed is left alone; default 5000. */
  readonly retryMs?: number
  /** Hears of the first failure, and of what was lost; default `process.emitWarning`. */
  readonly warn?: (message: string) => void
  /** The clock; default the machine's. */
  readonly now?: () => Date
}

/**
 * A callback that sends a training to an MLflow server by its REST interface (version 2.0): parameters, metrics over updates (`ndcg@10` is `validation/ndcg_at_10` there), tags, and how it ended.
 * Nothing waits for the server: what it does not take in time is left out. A run that is resumed goes on in its run on the server, and no point is there twice.
 */
export function mlflow(options: MlflowOptions): TrainingCallback {
  checkMlflow(options)
  const { trackingUri, experiment, runName, token, tags = {}, required = false, queue = 10_000 } = options
  const { timeoutMs = 10_000, retryMs = 5000, now = () => new Date() } = options
  const { warn = (message: string): void => process.emitWarning(message, 'MlflowWarning') } = options
  let sender: MetricSender | undefined
  let isSampled = (_: number): boolean => false
  let update = 0
  const add = (values: Readonly<Record<string, number | undefined>>, step = update): void => {
    const timestamp = now().getTime()
    const points = Object.entries(values).flatMap(([name, value]): readonly Point[] =>
      value === undefined ? [] : [{ key: nameFor(name), value, timestamp, step }],
    )
    sender?.add(points)
  }
  return {
    onStart: async (start) => {
      const client = mlflowClient({ trackingUri, token, timeoutMs })
      const open = runOpener(client, { experiment, runName, tags, now, start, params: paramsOf(start) })
      sender = metricSender({
        ...{ client, open, most: queue, retryMs },
        onFailure: (error) => {
          if (!required) warn(`${error.message} Training goes on without it.`)
        },
      })
      ;({ update } = start.before)
      isSampled = sampledUpdates(start, options.updatesEvery)
      if (required) await sender.connect()
      // What the server may lack of a run that goes on.
      for (const line of doneLines(start.before, now().toISOString())) add(loggedValuesOf(line), line.update)
      sender.add([])
    },
    onUpdate: (record) => {
      ;({ update } = record)
      if (!isSampled(update)) return
      add(loggedValues.update(record))
    },
    onEvaluation: (record) => {
      add(loggedValues.evaluation(record))
    },
    onEpoch: (record) => {
      add(loggedValues.epoch(record))
    },
    onWindow: (record) => {
      add(loggedValues.window(record))
    },
    onEnd: async (end) => {
      if (sender === undefined) return
      const { lost, failure } = await sender.finish((run) => endOf(run, end, now()), timeoutMs)
      sender = undefined
      if (required && failure !== undefined) throw failure
      if (lost > 0) warn(`${lost} points of the training did not reach MLflow.`)
    },
  }
}

/** The requests that end a run. */
function endOf(
  { id }: MlflowRun,
  { status, best }: TrainingEnd,
  at: Date,
): readonly (readonly [path: string, body: object])[] {
  const tags = { 'ensuite.status': status, ...(best && { 'ensuite.best_epoch': String(best.epoch) }) }
  return [
    ['runs/log-batch', { run_id: id, tags: Object.entries(tags).map(([key, value]) => ({ key, value })) }],
    [
      'runs/update',
      { run_id: id, status: status === 'failed' ? 'FAILED' : 'FINISHED', end_time: at.getTime() },
    ],
  ]
}

const KNOWN = [
  ...['trackingUri', 'experiment', 'runName', 'token', 'tags', 'required', 'updatesEvery'],
  ...['queue', 'timeoutMs', 'retryMs', 'warn', 'now'],
]

function checkMlflow(options: MlflowOptions): void {
  checkOptions('mlflow', options, KNOWN)
  const { trackingUri, experiment, required = false, queue = 1, timeoutMs = 1, retryMs = 0 } = options
  const refused = (what: string): EnsuiteError => new EnsuiteError('OPTION_INVALID', `mlflow: ${what}.`)
  if (typeof trackingUri !== 'string' || !(URL.canParse(trackingUri) && /^https?:/i.test(trackingUri)))
    throw refused("trackingUri is the address of a server, such as 'http://127.0.0.1:5000'")
  if (typeof experiment !== 'string' || experiment === '')
    throw refused("experiment is the name of one, such as 'shoes'")
  checkBoolean('mlflow: required', required)
  checkUpdatesEvery('mlflow', options.updatesEvery)
  checkNumber('mlflow: queue', queue, { integer: true, min: 1 })
  checkNumber('mlflow: timeoutMs', timeoutMs, { min: 1 })
  checkNumber('mlflow: retryMs', retryMs, { min: 0 })
}

import { resolve } from 'node:path'
import { unwritable } from '../../artifact/index.ts'
import { checkNumber, checkOptions, checkPath, checkTexts } from '../../options.ts'
import type { TrainingCallback, TrainingStart } from '../../train/index.ts'
import { loggedValues, loggedValuesOf, type LoggedValues } from '../logged-values.ts'
import { doneLines } from '../resumed-events.ts'
import { checkUpdatesEvery, sampledUpdates } from '../sampled-updates.ts'
import { eventFile, type EventFile } from './event-file.ts'
import type { BoardValue } from './event-schema.ts'
import { histogramOf } from './histogram.ts'
import { writeProjector } from './projector.ts'

export interface TensorBoardOptions {
  /** Updates between points of the training loss; default so many that a run has about 2000 of them, 10 over windows of time. */
  readonly updatesEvery?: number
  /** How often in a run, beside its start, the weights are taken for histograms; default 10, 0 for never. */
  readonly histograms?: number
  /** Names of the items for the projector, by code: `fitted.vocabulary('item').values`. Default: their numbers. */
  readonly itemNames?: readonly string[]
  /** How many items the projector gets, from the first code on; default 10,000, 0 for none. */
  readonly projectedItems?: number
  /** The clock; default the machine's. */
  readonly now?: () => Date
}

/**
 * A callback that writes for TensorBoard: scalars (`train/loss`, `train/learning_rate`, `train/gradient_norm`, `train/epoch_loss`, `validation/<metric>`, `window/<metric>`) over updates, histograms of the weights, and at the
 * end the item embeddings for its projector. A run that is resumed goes on in its folder, in a file of its own.
 *
 * Training ends with `OUTPUT_EXISTS` where the folder holds events of another run, or of this one that is not to go on, and `FILE_UNWRITABLE`.
 */
export function tensorBoard(path: string, options: TensorBoardOptions = {}): TrainingCallback {
  checkTensorBoard(path, options)
  const { histograms = 10, itemNames, projectedItems = 10_000, now = () => new Date() } = options
  const folder = resolve(path)
  let open: { readonly file: EventFile; readonly start: TrainingStart } | undefined
  let isSampled = (_: number): boolean => false
  let update = 0
  let windows = 0
  const write = async (values: LoggedValues): Promise<void> => open?.file.write(update, scalarsOf(values))
  /** Whether part `at` of `all` is one of so many, evenly over the run. */
  const isTaken = (at: number, all: number): boolean =>
    histograms > 0 && (at % Math.ceil(all / histograms) === 0 || at === all)
  const takeWeights = async (): Promise<void> => {
    if (open === undefined || histograms === 0) return
    const weights = Object.entries(await open.start.readWeights())
    const values = weights.map(([name, each]) => ({ tag: `weights/${name}`, histo: histogramOf(each) }))
    await open.file.write(update, values)
  }
  return {
    onStart: async (start) => {
      ;({ update } = start.before)
      windows = start.before.windows.length
      isSampled = sampledUpdates(start, options.updatesEvery)
      const { digest, resume } = start
      const file = await eventFile(folder, { now, digest, ...(resume && { after: update }) })
      open = { file, start }
      if (update === 0) return takeWeights()
      // A run that died behind its checkpoint may not have told of these. Those that it did are there twice then, and alike.
      for (const line of doneLines(start.before, now().toISOString()))
        if (line.update === update) await write(loggedValuesOf(line))
    },
    onUpdate: async (record) => {
      ;({ update } = record)
      if (!isSampled(update)) return
      await write(loggedValues.update(record))
    },
    onEvaluation: (record) => write(loggedValues.evaluation(record)),
    onEpoch: async (record) => {
      await write(loggedValues.epoch(record))
      if (isTaken(record.epoch, Number(open?.start.options['epochs']))) await takeWeights()
    },
    onWindow: async (record) => {
      windows++
      await write(loggedValues.window(record))
      if (isTaken(windows, open?.start.data.windows?.length ?? 1)) await takeWeights()
    },
    onEnd: async (end) => {
      if (open === undefined) return
      const { file, start } = open
      open = undefined
      await file.close()
      const { itemTable } = start
      if (end.status === 'failed' || itemTable === undefined || projectedItems === 0) return
      // A vocabulary may have grown from window to window: the width has not.
      const table = end.weights[itemTable.name]!
      await writeProjector(folder, {
        ...{ table, codes: table.length / itemTable.width, names: itemNames, most: projectedItems },
      }).catch((cause: unknown) => {
        throw unwritable(folder, (cause as Error).message, cause)
      })
    },
  }
}

const scalarsOf = (values: LoggedValues): readonly BoardValue[] =>
  Object.entries(values).flatMap(([tag, simpleValue]) =>
    simpleValue === undefined ? [] : [{ tag, simpleValue }],
  )

function checkTensorBoard(path: unknown, options: TensorBoardOptions): void {
  checkOptions('tensorBoard', options, ['updatesEvery', 'histograms', 'itemNames', 'projectedItems', 'now'])
  checkPath('tensorBoard', path)
  const { histograms = 10, itemNames = [], projectedItems = 0 } = options
  checkUpdatesEvery('tensorBoard', options.updatesEvery)
  checkNumber('tensorBoard: histograms', histograms, { integer: true, min: 0 })
  checkNumber('tensorBoard: projectedItems', projectedItems, { integer: true, min: 0 })
  checkTexts('tensorBoard: itemNames', itemNames)
}

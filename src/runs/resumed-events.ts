import type { Done, EpochRecord, EvaluationRecord, WindowRecord } from '../train/index.ts'
import { readRunEvents, replaceEvents, type EventLog } from './run-events.ts'
import type { RunEvent, RunEvents } from './run-schemas.ts'

/** The lines of records, each with the updates before it. */
export const lineOf = {
  evaluation: (record: EvaluationRecord, time: string): RunEvents['evaluation'] => ({
    kind: 'evaluation',
    time,
    ...record,
  }),
  epoch: ({ updates, ...record }: EpochRecord, time: string): RunEvents['epoch'] => ({
    kind: 'epoch',
    time,
    update: updates,
    ...record,
  }),
  window: (record: WindowRecord, update: number, time: string): RunEvents['window'] => ({
    kind: 'window',
    time,
    update,
    ...record,
  }),
}

/** The lines of all records that a run has made before. */
export function doneLines({ evaluations, epochs, windows }: Done, time: string): readonly RunEvent[] {
  let update = 0
  return [
    ...evaluations.map((record) => lineOf.evaluation(record, time)),
    ...epochs.map((record) => lineOf.epoch(record, time)),
    ...windows.map((record) => lineOf.window(record, (update += record.updates), time)),
  ]
}

/** What tells a line of a record from all others of a run. */
const keyOf = (line: RunEvent): string =>
  line.kind === 'evaluation'
    ? `evaluation ${line.evaluation}`
    : `${line.kind} ${line.kind === 'update' ? line.update : line.kind === 'epoch' ? line.epoch : line.window}`

/**
 * Goes on with the lines of a run from where its checkpoint stands: those behind it are written again as they are made again, and those that the run
 * was killed before it could write are added.
 */
export async function goOnWithEvents(folder: string, before: Done, time: string): Promise<EventLog> {
  const { lines } = await readRunEvents(folder)
  const done = doneLines(before, time)
  const isDone = new Set(done.map(keyOf))
  // Of windows in which nobody came several end at one update: which of them are done the checkpoint says.
  const stay = lines.filter((line) =>
    line.kind === 'update' ? line.update <= before.update : isDone.has(keyOf(line)),
  )
  const isThere = new Set(stay.map(keyOf))
  return replaceEvents(folder, [...stay, ...done.filter((line) => !isThere.has(keyOf(line)))])
}

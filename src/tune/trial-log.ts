import { open } from 'node:fs/promises'
import type { ErrorCode } from '../errors.ts'
import { damaged, readSearchFile } from './read-search-file.ts'
import type { Settings } from './search-space.ts'

/** A trial that has ended, JSON-safe. */
export interface TrialRecord {
  /** Counted from 1; the same in every rung. */
  readonly trial: number
  readonly budget: number
  readonly settings: Settings
  /** What was measured; nothing where it failed. */
  readonly value?: number
  /** What else its run said. */
  readonly about?: Readonly<Record<string, unknown>>
  /** Why it failed. */
  readonly error?: { readonly code: string; readonly message: string }
  readonly seconds: number
}

const OF_THE_RUN: readonly (string | undefined)[] = [
  ...(['RUNTIME_FAILED', 'FILE_UNWRITABLE', 'CHECKPOINT_EXISTS', 'CHECKPOINT_INVALID'] satisfies ErrorCode[]),
]

/** Whether a trial failed with what may not be there the next time, such as a lack of memory, and is not of its settings. */
export const isOfTheRun = (code: string | undefined): boolean => OF_THE_RUN.includes(code)

/** Larger files are not read. */
const LIMIT = 64 * 1024 * 1024

/**
 * The trials of a file, in the order in which they ended; of one that was tried again the last record alone. A line at the end that was not written whole is left out.
 * Throws `CHECKPOINT_INVALID`, and `PATH_ESCAPES` for a link.
 */
export async function readTrials(path: string): Promise<readonly TrialRecord[]> {
  const bytes = Buffer.from((await readSearchFile(path, LIMIT)) ?? [])
  const whole = bytes.subarray(0, bytes.lastIndexOf(0x0a) + 1).toString('utf8')
  const records = whole
    .split('\n')
    .filter((line) => line !== '')
    .map((line, at) => {
      const record = parsed(line)
      if (record !== undefined) return record
      throw damaged(path, `line ${at + 1} is no trial`)
    })
  const last = new Map(records.map((record) => [runOf(record), record]))
  return records.filter((record) => last.get(runOf(record)) === record)
}

const runOf = ({ trial, budget }: TrialRecord): string => `${trial} of ${budget}`

/** Adds a trial and flushes it: a run that dies later has it. Cuts off what was not written whole. */
export async function addTrial(path: string, record: TrialRecord): Promise<void> {
  const file = await open(path, 'a+')
  try {
    const before = await file.readFile()
    const whole = before.lastIndexOf(0x0a) + 1
    if (whole < before.length) await file.truncate(whole)
    await file.appendFile(`${JSON.stringify(record)}\n`)
    await file.sync()
  } finally {
    await file.close()
  }
}

function parsed(line: string): TrialRecord | undefined {
  try {
    const found = JSON.parse(line) as Partial<Record<keyof TrialRecord, unknown>>
    const { trial, budget, settings, value, error, seconds } = found
    const good =
      [trial, budget].every((each) => Number.isInteger(each) && (each as number) >= 1) &&
      typeof settings === 'object' &&
      settings !== null &&
      typeof seconds === 'number' &&
      (value === undefined ? typeof error === 'object' && error !== null : Number.isFinite(value))
    return good ? (found as unknown as TrialRecord) : undefined
  } catch {
    return undefined
  }
}

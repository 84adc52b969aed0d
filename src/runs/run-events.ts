import { lstat, open, type FileHandle } from 'node:fs/promises'
import { unwritable, writeWhole } from '../artifact/index.ts'
import { EnsuiteError } from '../errors.ts'
import { checkPath } from '../options.ts'
import { checkShape, invalidRun, readRunFile, runPath } from './run-files.ts'
import { eventSchemas, type RunEvent, type RunEvents } from './run-schemas.ts'

const LINE_LIMIT = 1_000_000

/** The lines of a run so far. */
export interface ReadEvents {
  readonly lines: readonly RunEvent[]
  /** Whether the last line was cut off: the run was killed while it was written. It is left out. */
  readonly isTorn: boolean
}

/** Reads the lines of a run folder; none where there is no file. Throws `RUN_INVALID` and `PATH_ESCAPES`. */
export async function readRunEvents(folder: string): Promise<ReadEvents> {
  const bytes = await readRunFile(folder, 'events')
  if (bytes === undefined) return { lines: [], isTorn: false }
  const path = runPath(folder, 'events')
  // A last line without its end was cut off, whatever it holds.
  const end = bytes.lastIndexOf(0x0a) + 1
  const texts = new TextDecoder().decode(bytes.subarray(0, end)).split('\n').slice(0, -1)
  const lines = texts.map((text, at) => parsed(text, `${path}, line ${at + 1},`))
  return { lines, isTorn: end < bytes.length }
}

function parsed(text: string, where: string): RunEvent {
  if (text.length > LINE_LIMIT) throw invalidRun(`${where} is longer than ${LINE_LIMIT} characters`)
  let line: unknown
  try {
    line = JSON.parse(text)
  } catch (cause) {
    throw invalidRun(`${where} is no JSON`, cause)
  }
  const { kind } = Object(line) as { readonly kind?: unknown }
  if (typeof kind !== 'string' || !Object.hasOwn(eventSchemas, kind))
    throw invalidRun(`${where} is of no kind that a run has: ${Object.keys(eventSchemas).join(', ')}`)
  checkShape(where, line, eventSchemas[kind as keyof RunEvents])
  return line as RunEvent
}

/** What adds lines to `events.jsonl`. */
export interface EventLog {
  /** `isFlushed`: whether the line is on the disk before this ends, and not only with the system. */
  add(line: RunEvent, options: { readonly isFlushed: boolean }): Promise<void>
  close(): Promise<void>
}

/** Starts the lines of a folder. Throws `OUTPUT_EXISTS` where there is a run, also one that starts at the same instant. */
export async function startEvents(folder: string): Promise<EventLog> {
  await checkNoRun(folder)
  const path = runPath(folder, 'events')
  try {
    return logTo(path, await open(path, 'ax'))
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EEXIST') throw isThere(folder)
    throw unwritable(path, (cause as Error).message, cause)
  }
}

/** Throws `OUTPUT_EXISTS` where a folder holds a run, or something by the name of a file of one, and `OPTION_INVALID` for what is no path. */
export async function checkNoRun(folder: string): Promise<void> {
  checkPath('checkNoRun', folder)
  for (const file of ['run', 'events', 'evaluation'] as const)
    if (await lstat(runPath(folder, file)).then(Boolean, () => false)) throw isThere(folder)
}

export const isThere = (folder: string): EnsuiteError =>
  new EnsuiteError(
    'OUTPUT_EXISTS',
    `${folder} holds a run already. Choose another folder, or go on with that run from its checkpoint.`,
  )

/** Goes on with lines in place of those that are there. */
export async function replaceEvents(folder: string, lines: readonly RunEvent[]): Promise<EventLog> {
  const path = runPath(folder, 'events')
  try {
    await writeWhole(path, lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
    return logTo(path, await open(path, 'a'))
  } catch (cause) {
    throw unwritable(path, (cause as Error).message, cause)
  }
}

const logTo = (path: string, file: FileHandle): EventLog => ({
  add: async (line, { isFlushed }) => {
    try {
      await file.appendFile(`${JSON.stringify(line)}\n`)
      if (isFlushed) await file.datasync()
    } catch (cause) {
      throw unwritable(path, (cause as Error).message, cause)
    }
  },
  close: () => file.close(),
})

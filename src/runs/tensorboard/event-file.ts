import { open, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { ensureFolder, unwritable } from '../../artifact/index.ts'
import { EnsuiteError } from '../../errors.ts'
import { encodeEvent, type BoardValue } from './event-schema.ts'
import { recordMaker } from './records.ts'

/** A file of events that TensorBoard reads while it grows. */
export interface EventFile {
  write(step: number, values: readonly BoardValue[]): Promise<void>
  close(): Promise<void>
}

export interface EventFileOptions {
  readonly now: () => Date
  /** Of the run: files of before must be its own. */
  readonly digest: string
  /** Whether a run goes on: what files of before have behind this step no longer counts. Otherwise there must be none. */
  readonly after?: number
}

const PATTERN = /^events\.out\.tfevents\./

/** Starts a file in the folder, beside those of before. Throws `OUTPUT_EXISTS` where there are some of another run, `FILE_UNWRITABLE`. */
export async function eventFile(
  folder: string,
  { now, digest, after }: EventFileOptions,
): Promise<EventFile> {
  await ensureFolder(folder)
  const there = (await readdir(folder)).filter((name) => PATTERN.test(name))
  const own = `ensuite-${digest.slice(0, 16)}`
  if (there.some((name) => after === undefined || !name.includes(`.${own}.`)))
    throw new EnsuiteError(
      'OUTPUT_EXISTS',
      `${folder} holds events of ${after === undefined ? 'a run already' : 'another run'}. Choose another folder, or go on with that run from its checkpoint.`,
    )
  const seconds = (): number => now().getTime() / 1000
  // TensorBoard reads files in the order of their names.
  const name = `events.out.tfevents.${String(Math.floor(seconds())).padStart(10, '0')}.${own}.${String(there.length).padStart(4, '0')}`
  const path = join(folder, name)
  const failed = (cause: unknown): never => {
    throw unwritable(path, (cause as Error).message, cause)
  }
  const record = await recordMaker()
  const file = await open(path, 'ax').catch(failed)
  const add = async (event: Parameters<typeof encodeEvent>[0]): Promise<void> => {
    await file.appendFile(record(encodeEvent(event))).catch(failed)
  }
  await add({ wallTime: seconds(), fileVersion: 'brain.Event:2' })
  if (after !== undefined)
    await add({ wallTime: seconds(), step: BigInt(after + 1), sessionLog: { status: 1 } })
  return {
    write: (step, value) =>
      value.length === 0
        ? Promise.resolve()
        : add({ wallTime: seconds(), step: BigInt(step), summary: { value } }),
    close: () => file.close(),
  }
}
